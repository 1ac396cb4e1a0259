# topicd in a container.
#
#   docker build -t topicd .
#   docker run -d --name topicd --restart unless-stopped --stop-timeout 30 \
#       -e TOPICD_TELEGRAM__TOKEN=123456:ABC -e TOPICD_ACCESS__USERS='[111]' \
#       -v topicd-home:/home/topicd -v "$HOME/src:/home/topicd/src" topicd
#
# What a restart means: outside of a container agents outlive the bot, since each has a supervisor of its
# own. When a container stops, everything in it is killed, supervisors and agents too, and a crash of the
# bot alone ends the container as well. At the next start it is as after a crash of the machine: the topics
# of turns that were at work say Interrupted and offer Resume, through their agent's session. So keep the
# home directory on a volume: the bot's state is in it, and the agents' own logins and sessions, without
# which nothing can be resumed. More: docs/operations.md.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --no-install-recommends --yes ca-certificates git tini \
    && rm -rf /var/lib/apt/lists/*

# Agent CLIs are not included. Add those that you use, for example in a Dockerfile that begins with
# `FROM topicd` and `USER root`, then `USER topicd` at its end:
#
#   RUN apt-get update && apt-get install --yes nodejs npm && npm install --global @anthropic-ai/claude-code
#
# and log them in once, in the running container: docker exec -it topicd claude
# Their logins and sessions are in /home/topicd (.claude, .codex, ...), on the volume.

WORKDIR /opt/topicd
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY bot ./bot
COPY cli_runner ./cli_runner
COPY orchestrator ./orchestrator
COPY storage ./storage
COPY LICENSE ./
# The supervisors are started often: from compiled files they start faster.
RUN python -m compileall -q bot cli_runner orchestrator storage

# The agents run as this user and can do what it can; so give the container no more than they need.
RUN useradd --create-home --uid 1000 --shell /bin/bash topicd \
    && install --directory --owner topicd --group topicd --mode 0700 /home/topicd/state
USER topicd

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TOPICD_STATE__DIRECTORY=/home/topicd/state \
    TOPICD_SHUTDOWN__AGENTS=stop
# With the last one, agents that would be killed with the container are first asked to end.
VOLUME ["/home/topicd"]

# Process 1 must be an init: tini reaps what agents leave behind when their supervisor is gone, and passes
# SIGTERM on to the bot. With an image of your own that has none, use `docker run --init`.
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "bot", "run"]
