# People: who asked, and who may do what.

person-asked = asked by { $name }
person-only-admins = Only admins may do that.

person-whoami-you = You: { $name } `{ $id }`
person-whoami-sender = You write as { $name } `{ $id }`
person-whoami-chat = This chat: { $name } `{ $id }` ({ $kind })
person-whoami-topic = This topic: { $name } `{ $id }`
person-whoami-bot = This bot: @{ $name } `{ $id }`
person-may-admin = You may use this bot, and administer it: /stop_all, /settings, /restart, letting it work in chats.
person-may-use = You may use this bot. What is for admins only, /help says.
person-may-as-chat = Whoever writes as this chat may use this bot, and administers nothing.
person-may-not = You may do nothing here: ask the bot's owner to add your id to [access] users.
