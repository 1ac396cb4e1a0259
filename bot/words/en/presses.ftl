# What a press of a button says when it can't do what it was for.

press-unknown = This button means nothing to me.
press-no-turn = There is no such turn in this chat.
press-no-session = There is no such session in this chat.
press-no-request = There is no such request here.
press-old-request = This is decided already, or not asked any more.
