# Menschen: wer gefragt hat, und wer was darf.

person-asked = gefragt von { $name }
person-only-admins = Das dürfen nur Admins.

person-whoami-you = Person: { $name } `{ $id }`
person-whoami-sender = Geschrieben als { $name } `{ $id }`
person-whoami-chat = Dieser Chat: { $name } `{ $id }` ({ $kind })
person-whoami-topic = Dieses Thema: { $name } `{ $id }`
person-whoami-bot = Dieser Bot: @{ $name } `{ $id }`
person-may-admin = Erlaubt: diesen Bot benutzen und verwalten: /stop_all, /settings, /restart, Chats freigeben.
person-may-use = Erlaubt: diesen Bot benutzen. Was nur für Admins ist, sagt /help.
person-may-as-chat = Wer als dieser Chat schreibt, darf diesen Bot benutzen, aber nicht verwalten.
person-may-not = Hier ist nichts erlaubt: Wer den Bot betreibt, kann die Id in [access] users eintragen.
