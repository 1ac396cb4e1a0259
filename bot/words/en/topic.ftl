# The lives of topics: closed, gone, open again.

topic-named = topic «{ $name }» of «{ $chat }»
topic-general-named = the General topic of «{ $chat }»
topic-chat-named = «{ $chat }»

topic-closed-asks = ⚠ **This topic was closed**, and { $n ->
    [one] something still works here. Stop it?
   *[other] { $n } turns still work here. Stop them?
}
topic-closed-asks-there = ⚠ **Closed: { $where }.** { $n ->
    [one] Something still works there. Stop it?
   *[other] { $n } turns still work there. Stop them?
}
topic-closed-held = I may not write into closed topics: what comes of it is held until the topic is open again.
topic-stop = ⏹ Stop { $n ->
    [one] it
   *[other] them
}
topic-stop-there = ⏹ Stop what works there
topic-go-on = ▶ Let { $n ->
    [one] it
   *[other] them
} go on
topic-toast-goes-on = It goes on.
topic-toast-nothing = Nothing is running there.
topic-toast-stopping = Stopping…

topic-held-before = 📨 { $n ->
    [one] One message was held while this topic was closed; here it is.
   *[other] { $n } messages were held while this topic was closed; here they are.
}

topic-lost = ⚠ I can't write to { $where } ({ $error }). What belongs there is held.
topic-lost-closed = It is delivered when the topic is open again.
topic-lost-works = { $n ->
    [one] Something still works there.
   *[other] { $n } turns still work there.
}
topic-deliver = 📨 Deliver it here
topic-toast-delivering = Delivering.
topic-toast-nothing-held = Nothing is held there any more.
