# Menus: what holds for all of them.

menu-unknown = This button means nothing to me.
menu-admins-only = Only admins may do that.
menu-admins-only-command = ⚠ Only admins may use this menu.
menu-old = This menu was old. It is shown anew; press again.
menu-gone = That is not there any more. Here is what is there now.
menu-slow = ⏳ Shown in about { $seconds } s: this chat has had many messages within a minute.
menu-back = Back
menu-general = General
menu-topic = topic { $id }
