"""What LaTeX commands stand for in Unicode."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
    "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "sum": "∑", "prod": "∏", "coprod": "∐", "int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮",
    "bigcup": "⋃", "bigcap": "⋂", "bigvee": "⋁", "bigwedge": "⋀", "bigoplus": "⨁", "bigotimes": "⨂",
    "infty": "∞", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "nexists": "∄", "emptyset": "∅",
    "varnothing": "∅", "aleph": "ℵ", "hbar": "ℏ", "ell": "ℓ", "Re": "ℜ", "Im": "ℑ", "wp": "℘", "top": "⊤",
    "bot": "⊥", "angle": "∠", "triangle": "△", "square": "□", "Box": "□", "blacksquare": "■", "qed": "∎",
    "neg": "¬", "lnot": "¬", "prime": "′", "dagger": "†", "ddagger": "‡", "degree": "°", "circ": "∘",
    "bullet": "•", "star": "⋆", "ast": "∗", "ldots": "…", "dots": "…", "dotsc": "…", "dotsb": "⋯",
    "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "checkmark": "✓", "surd": "√", "imath": "ı", "jmath": "ȷ",
    "langle": "⟨", "rangle": "⟩", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋", "vert": "|",
    "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖", "rVert": "‖", "lbrace": "{", "rbrace": "}",
    "lbrack": "[", "rbrack": "]", "backslash": "\\", "colon": ":", "S": "§", "P": "¶", "copyright": "©",
    "euro": "€", "pounds": "£", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^",
}  # fmt: skip
"""Commands that become a character and nothing else."""

RELATIONS = {
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "ne": "≠", "neq": "≠",
    "equiv": "≡", "approx": "≈", "sim": "∼", "simeq": "≃", "cong": "≅", "propto": "∝", "ll": "≪", "gg": "≫",
    "lt": "<", "gt": ">", "prec": "≺", "succ": "≻", "preceq": "⪯", "succeq": "⪰", "doteq": "≐",
    "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "subsetneq": "⊊", "supset": "⊃",
    "supseteq": "⊇", "perp": "⊥", "parallel": "∥", "mid": "∣", "nmid": "∤", "vdash": "⊢", "models": "⊨",
    "to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "Rightarrow": "⇒",
    "Leftarrow": "⇐", "Leftrightarrow": "⇔", "implies": "⟹", "impliedby": "⟸", "iff": "⟺", "mapsto": "↦",
    "longrightarrow": "⟶", "longleftarrow": "⟵", "Longrightarrow": "⟹", "longmapsto": "⟼", "uparrow": "↑",
    "downarrow": "↓", "hookrightarrow": "↪", "rightharpoonup": "⇀", "nearrow": "↗", "searrow": "↘",
    "leadsto": "⇝", "coloneqq": "≔", "triangleq": "≜", "therefore": "∴", "because": "∵",
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "mp": "∓", "oplus": "⊕", "ominus": "⊖", "otimes": "⊗",
    "odot": "⊙", "cup": "∪", "cap": "∩", "setminus": "∖", "smallsetminus": "∖", "wedge": "∧", "land": "∧",
    "vee": "∨", "lor": "∨", "bmod": "mod", "sqcup": "⊔", "sqcap": "⊓", "ltimes": "⋉", "rtimes": "⋊",
}  # fmt: skip
"""Commands that become a character with a blank on each side."""

FUNCTIONS = _words(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf "
    "arg det dim ker deg gcd lcm Pr hom argmax argmin sgn mod tr rank softmax"
)
"""Commands that are their own name."""

SPACES = {
    ",": " ",
    ";": " ",
    ":": " ",
    "!": "",
    " ": " ",
    "quad": "  ",
    "qquad": "    ",
    "thinspace": " ",
    "space": " ",
}
"""Commands that are white space, or take it away."""

ESCAPED = frozenset("%$#&_{}|-")
"""What a backslash only protects; `\\|` is a double bar, which is also set with one."""

SILENT = _words(
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle textstyle "
    "scriptstyle limits nolimits nonumber notag hfill centering boldsymbol rm bf it cal mathstrut"
)
"""Commands that change nothing that can be shown."""

WRAPPERS = _words(
    "text textbf textit textrm textsf texttt textnormal mathrm mathbf mathit mathsf mathtt mathnormal operatorname "
    "mbox hbox emph bm pmb boxed underline overbrace underbrace ensuremath mathop mathbin mathrel phantom"
)
"""Commands whose argument is shown as it is."""

VERBATIM = frozenset(["text", "textbf", "textit", "textrm", "textsf", "texttt", "textnormal", "mbox", "hbox", "emph"])
"""Those of them whose argument is words, with its white space."""

ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7", "check": "\u030c", "acute": "\u0301",
    "grave": "\u0300", "breve": "\u0306",
}  # fmt: skip
"""Commands that put a mark on their argument's characters."""

DOUBLE_STRUCK = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)) | {"E": "𝔼", "F": "𝔽", "K": "𝕂", "1": "𝟙"}
SCRIPT = dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True))
SCRIPT |= {letter: chr(0x1D49C + ord(letter) - ord("A")) for letter in "ACDGJKNOPQSTUVWXYZ"}
FRAKTUR = {letter: chr(0x1D504 + ord(letter) - ord("A")) for letter in "ABDEFGJKLMNOPQSTUVWXY"}
FRAKTUR |= {chr(ord("a") + nth): chr(0x1D51E + nth) for nth in range(26)}
ALPHABETS = {"mathbb": DOUBLE_STRUCK, "Bbb": DOUBLE_STRUCK, "mathcal": SCRIPT, "mathscr": SCRIPT, "mathfrak": FRAKTUR}
"""Commands that set their argument's letters in another alphabet."""

SUPERSCRIPTS = dict(zip("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", strict=True))
SUPERSCRIPTS |= dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
SUPERSCRIPTS |= dict(zip("ABDEGHIJKLMNOPRTUVW", "ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True))
SUPERSCRIPTS |= {"′": "′", "∗": "*", "*": "*", "−": "⁻", "β": "ᵝ", "γ": "ᵞ", "δ": "ᵟ", "θ": "ᶿ", "φ": "ᵠ", "∘": "°"}
SUBSCRIPTS = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
SUBSCRIPTS |= dict(zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
SUBSCRIPTS |= {"−": "₋", "β": "ᵦ", "γ": "ᵧ", "ρ": "ᵨ", "φ": "ᵩ", "χ": "ᵪ"}
ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
