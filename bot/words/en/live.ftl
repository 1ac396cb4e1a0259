# The live message of a turn, and the record that it becomes.

live-works = { $agent } works
live-thinks = { $agent } thinks
live-writes = { $agent } writes
live-tool = { $agent }: { $tool }
live-waits-person = { $agent } waits for you
live-waits-place = Waits for a free place
live-waits-model = Waits: { $reason }
live-task = Task { $id }

live-steps = { $n ->
    [one] { $n } step
   *[other] { $n } steps
}
live-steps-before = … { $n ->
    [one] { $n } step
   *[other] { $n } steps
} before
live-told = ↪ You said { $text }
live-plan = Plan { $done }/{ $all }

live-done = ✓ Done in { $took }
live-failed = ✗ Failed after { $took }
live-interrupted = ⚡ Interrupted after { $took }
live-ended = ⏹ Ended after { $took }
live-stop-requested = ⏹ Stop requested after { $took }
live-tokens = { $n } tokens
