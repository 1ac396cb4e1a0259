# Was ein Druck auf einen Knopf sagt, der nicht mehr kann, wofür er da war.

press-unknown = Dieser Knopf sagt mir nichts.
press-no-turn = Diesen Durchgang gibt es in diesem Chat nicht.
press-no-session = Diese Sitzung gibt es in diesem Chat nicht.
press-no-request = Diese Anfrage gibt es hier nicht.
press-old-request = Das ist schon entschieden oder wird nicht mehr gefragt.
