"""What the demo agent says of itself, and a sample of Markdown."""

HELP = """\
I am the demo agent. Nothing I say is thought through, but all of it is real: a process, a session, \
commands that run, files that change. I do what each line of a prompt says:

**Words and work**

- `say TEXT`: say it, word by word
- `think TEXT`: think it
- `wait 20`: work for 20 seconds
- `run COMMAND`: run a shell command and show its output
- `leave COMMAND`: start a command and leave it running when I am done
- `long 200`: write 200 words
- `markdown`: show headings, lists, tables, code and a diff
- `notice TEXT`: a remark beside the answer
- `remember TEXT`, `recall`: keep something for this session, tell what I keep

**May I?** (by mode: `ask` asks, `edits` edits files unasked, `plan` only plans, `all` never asks)

- `ask COMMAND`: run it, if you allow it: once, or the same command for the rest of this session
- `edit FILE: OLD => NEW`: change a file below my directory, after you saw the diff; no OLD makes a new file
- `several`: ask three things at once; `several COMMAND | COMMAND` other ones
- `mode`: tell my mode and model, which you can change while I work

**Questions and plans**

- `question Which colour? red | green`: ask you to choose one
- `questions Which? a | b; Which ones? * a | b | c; Your name?`: two to four at once; `*` takes several \
choices, and without choices I want words
- `plan TEXT`: show a plan, and go by your verdict: approve, approve and edit unasked, or say what to change

**Beside the answer**

- `todo a | b | c`: do steps that you see being done
- `agent TEXT`: let a sub-agent work, with tools of its own
- `background 10 TEXT`: start something that ends in 10 seconds; I then speak up by myself
- `tokens 50000`: say that I used so many of my context
- files that come with a prompt: I say what I got; what you say while I work I take in between two lines

**When things go wrong**

- `fail`, `crash`, `garbage`: report an error, die, print nonsense
- `help`: this

Anything else I answer with a few friendly words.\
"""

MARKDOWN = """\
# A heading

Some **bold**, *italic*, ~~struck~~ and `inline` words, and a [link](https://example.org/).

1. first
2. second
   - nested

> A quotation.

| file | lines | state |
|---|---:|---|
| `app.py` | 120 | changed |
| `test_app.py` | 48 | new |

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"
```

```diff
--- a/app.py
+++ b/app.py
@@ -1,2 +1,2 @@
-print("hello")
+print("hello, world")
```
"""

PLAN = """\
## Plan: {task}

1. Look at what is there.
2. Change what has to be changed.
3. Check that it works.

| step | takes |
|---|---|
| look | a moment |
| change | a while |
| check | a moment |
"""

REVISED = """
### What is new

You said: {words}

So step 2 does that first.
"""
