# To admins in private, and what is the same everywhere.

chat-alarm = ⚠ { $trouble } Until then I take no new messages; none is lost.
chat-given-up = ⚠ Something that was sent to me could not be handled, and I gave it up after three tries: update { $id }. The log says why.
chat-sent-again = ♻ Sent again: Telegram did not confirm the first time, so this may be a repeat.
chat-file-cut = The beginning of the answer; Telegram refuses the whole of it as too large.
