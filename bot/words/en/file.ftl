# Files in and out, voice, prompts that were changed.

file-too-large = ⚠ { $name } has { $size }; Telegram lets bots fetch files of up to { $most }. Nothing was sent. Put it on the machine and name its path, send it in smaller pieces, or use a Bot API server of your own (docs/files.md).
file-too-large-here = ⚠ { $name } has { $size }; the most that is taken here is { $most }. Nothing was sent. Put it on the machine and name its path.
file-not-fetched = The file «{ $name }» could not be fetched from Telegram. Send it again.
file-unusable = ⚠ A { $kind } can't be given to an agent here. Nothing was sent; write it as text.
file-caption-unused = The caption was not used either: send it as a message of its own.
file-prompt-empty = ⚠ That prompt is empty.

file-queued = files can't be said into a turn; this runs when it is over{ $ahead ->
    [0] { "" }
   *[other] , { $ahead } before it
}

# A voice message.
file-voice-not-set-up = ⚠ Voice messages need a program or a service that writes them down, and none is configured: set **command** or **url** in `[voice]` (docs/files.md). Nothing was sent; write it as text. To give the recording itself to the agent, send it as a file.
file-voice-heard = 🎤 You said:
file-voice-failed = The voice message could not be written down: { $why } It is kept: try again with the button, or write it as text.
file-voice-silent = nothing was heard in it.
file-voice-slow = it took longer than { $limit }.
file-voice-no-program = the program { $program } could not be started.
file-voice-program-failed = { $program } ended with { $code }. { $said }
file-voice-no-service = the service can't be reached.
file-voice-service-failed = the service refused it ({ $code }). { $said }
file-voice-retry = 🎤 Try again

# Prompts that were changed.
file-edited-at-work = ✎ You changed this while it was worked on. It goes on as it was.
file-edited-done = ✎ You changed this after it was worked on.
file-edited-again = ▶ Run it again
file-edited-stop-and-run = ▶ Stop it and run the new one
file-again-nothing = There is nothing to run again here.
file-again-done = That was run again already.
file-again-doing = Running it again…

# Files out.
file-get-empty = The directory is empty.
file-get-nothing = ⚠ Nothing here is called { $path }.
file-get-outside = ⚠ { $path } is outside of this topic's directory.
file-get-not-a-file = ⚠ { $path } is no file that can be sent.
file-get-forbidden = ⚠ { $path } belongs to the bot itself and is not sent.
file-get-hollow = ⚠ { $path } is empty; Telegram takes no empty files.
file-get-too-large = ⚠ { $path } has { $size }; bots may send files of up to { $most }. Compress it, split it, or fetch it from the machine.
file-get-failed = ⚠ { $path } could not be read.
file-get-more = … and { $n } more
file-listing = **{ $where }** · { $n ->
    [one] { $n } entry
   *[other] { $n } entries
}
file-get-hint = `/get NAME` sends a file.
file-sent-name = `{ $path }` · { $size }
file-unsent-missing = { $path }: there is no such file
file-unsent-outside = { $path }: outside of the session's directory
file-unsent-too-large = { $path }: { $size } is more than Telegram takes from bots
file-unsent-hollow = { $path }: it is empty
file-unsent-forbidden = { $path }: it belongs to the bot itself
file-unsent-other = { $path }: it could not be read
file-unsent-many = { $n } more files were named; at most { $most } are sent with one answer
file-unsent = Not sent: { $what }
