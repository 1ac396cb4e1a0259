# The bot's place in its groups: being added, rights, being removed.

group-asks = I don't work in this chat yet. May I? Then everybody on my list who is a member can use me here. If no admin says yes within an hour, I leave.
group-introduced = **{ $who } added me to { $group }.** Shall I work there? Then everybody on my list who is a member can use me there. If no admin says yes within an hour, I leave.
group-channel = **{ $group } is a channel.** I work in groups, so I leave it.
group-named = «{ $title }» ({ $id })
group-work-here = ✓ Work here
group-work-there = ✓ Work there
group-leave = ✖ Leave
group-approved = ✓ I work in this chat now. /help lists what I can do.
group-approved-elsewhere = ✓ I work in { $group } now.
group-left = I left { $group }: nobody said within an hour that I may work there.
group-toast-approved = Approved.
group-toast-approved-before = I work there already.
group-toast-leaving = Leaving.
group-toast-listed = This chat is on the list of the configuration. Take it out of [access] chats first.
group-toast-decided = That is decided already.

# What is missing, one line each, with what to do about it in Telegram.
group-lacks = **What I lack here:**
group-lacks-there = **What I lack in { $group }:**
group-lacks-write = • I may not send messages, so nothing can be delivered. In the group's settings: _Administrators → Add Admin → @{ $bot }_, or allow _Send Messages_ under _Permissions_.
group-lacks-hear = • I hear only commands, replies and mentions. Make me an administrator (_Administrators → Add Admin → @{ $bot }_), or turn privacy mode off (@BotFather, /setprivacy, Disable) and add me to the group anew.
group-lacks-topics = • I may not manage topics, so I can't write into closed ones. Grant it: _Administrators → @{ $bot } → Manage Topics_.
group-lacks-forum = • The group has no topics, so all of it is one conversation. To have one for each topic: _Edit → Topics_.
group-lacks-nothing = I may do all that I need.

# To admins in private, once for each change.
group-out = ⚠ **I am not in { $group } any more.** What works for it goes on, and what is owed there is held until I am back: _Administrators → Add Admin → @{ $bot }_.
group-muted = ⚠ **I can't write to { $group }.** What works there goes on, and what is owed is held until I may.
group-weaker = ⚠ **I lost rights in { $group }.**
group-back = ✓ I can write to { $group } again.{ $n ->
    [0] {""}
    [one] {" "}One message that was held follows there.
   *[other] {" "}{ $n } messages that were held follow there.
}
