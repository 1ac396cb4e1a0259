"""The version of topicd."""

VERSION = "0.1.0"
