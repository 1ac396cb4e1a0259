# Deadlines: what is told before, and what became of it. None of it says «Stopped»: that is the notice of a stop.

# { $task } is a task's number, and empty for the conversation.
deadline-near-timeout = { $task ->
    [none] ⏱ **{ $left } left**: it took { $since } so far.
   *[other] ⏱ Task { $task } · **{ $left } left**: it took { $since } so far.
}
deadline-near-silence = { $task ->
    [none] ⏱ **{ $left } left**: no sign of life for { $since }.
   *[other] ⏱ Task { $task } · **{ $left } left**: no sign of life for { $since }.
}
deadline-then-at-work = It is at work, so it then gets { $more } more by itself (extension { $nth } of { $most }).
deadline-then-sign = A sign of life is enough, or the button. Else it ends then, and its session is kept.
deadline-then-ends = Then it ends, and its session is kept.
deadline-then-no-more = { $used ->
    [one] It had { $used } extension, which is the most. Then it ends, and its session is kept.
   *[other] It had { $used } extensions, which is the most. Then it ends, and its session is kept.
}
deadline-then-more = It gets { $more } more if it goes on working, or by the button. Else it ends then, and its session is kept.

deadline-more-work = { $task ->
    [none] ⏱ **{ $more } more**: it is at work (extension { $nth } of { $most }).
   *[other] ⏱ Task { $task } · **{ $more } more**: it is at work (extension { $nth } of { $most }).
}
deadline-more-person = { $task ->
    [none] { $by ->
        [none] ⏱ **{ $more } more** (extension { $nth } of { $most }).
       *[other] ⏱ **{ $more } more**, from { $by } (extension { $nth } of { $most }).
    }
   *[other] { $by ->
        [none] ⏱ Task { $task } · **{ $more } more** (extension { $nth } of { $most }).
       *[other] ⏱ Task { $task } · **{ $more } more**, from { $by } (extension { $nth } of { $most }).
    }
}
deadline-sign = { $task ->
    [none] ⏱ It gave a sign of life, and goes on.
   *[other] ⏱ Task { $task } · It gave a sign of life, and goes on.
}
deadline-late = { $task ->
    [none] ⏱ Its time was up.
   *[other] ⏱ Task { $task } · Its time was up.
}
deadline-over = { $task ->
    [none] ⏱ Over, before its time was up.
   *[other] ⏱ Task { $task } · Over, before its time was up.
}
deadline-button = +{ $more }
deadline-toast-more = More time…
deadline-toast-over = This is over already.
deadline-toast-continue = Going on…
deadline-refused-over = There is nothing that needs more time: this is over.
deadline-refused-most = { $most ->
    [one] It cannot get more time: it had { $most } extension, which is the most.
   *[other] It cannot get more time: it had { $most } extensions, which is the most.
}
