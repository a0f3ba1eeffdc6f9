"""The stylesheet: one string, no assets from elsewhere. Light or dark as the reader's system says."""

from __future__ import annotations

import hashlib

__all__ = ["HUES", "MARKS", "STYLE", "STYLE_VERSION"]

#: How many colours the covers have; a subject always has the same one.
HUES = 12
#: And how many patterns.
MARKS = 4

_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #faf8f3; --card: #ffffff; --ink: #23211d; --soft: #625d54; --line: #e2dccf;
  --accent: #1d5c4b; --accent-ink: #ffffff; --wash: #e9f1ed; --bad: #a3261c; --bad-wash: #fbebe8;
  --cover-dark: 21%; --cover-light: 32%;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181a; --card: #1f2225; --ink: #ebe7de; --soft: #a9a498; --line: #34383c;
    --accent: #84cdb3; --accent-ink: #10211b; --wash: #1e2d28; --bad: #ff9d90; --bad-wash: #3a201d;
    --cover-dark: 17%; --cover-light: 27%;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font: 1rem/1.6 var(--sans); background: var(--paper); color: var(--ink); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }
h1, h2, h3 { font-family: var(--serif); line-height: 1.2; font-weight: 600; text-wrap: balance; }
h1 { font-size: clamp(1.8rem, 1.3rem + 2vw, 2.6rem); margin: 0 0 .5rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 1rem; }
p { margin: 0 0 1rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; }

.bar { border-bottom: 1px solid var(--line); background: var(--card); }
.bar, main, footer { padding-inline: max(1.25rem, calc(50vw - 34rem)); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; padding-block: .9rem; }
.brand { font: 600 1.3rem var(--serif); color: inherit; text-decoration: none; margin-right: auto; }
.brand::before { content: ""; display: inline-block; width: 1.1rem; height: 1.1rem; margin-right: .55rem;
  vertical-align: -.12em; border-radius: 2px; background: linear-gradient(90deg, var(--accent) 0 28%,
  transparent 28% 36%,
  var(--accent) 36% 64%, transparent 64% 72%, var(--accent) 72%); }
.bar nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.bar nav a { color: var(--soft); text-decoration: none; padding: .25rem 0; }
.bar nav a:hover { color: var(--accent); text-decoration: underline; }
main { flex: 1; padding-block: 2.25rem 4rem; }
footer { border-top: 1px solid var(--line); padding-block: 1.25rem; color: var(--soft); font-size: .875rem; }

input, select, textarea, button { font: inherit; line-height: 1.4; color: inherit; }
input, select, button { height: 2.75rem; }
input, select, textarea { width: 100%; padding: .5rem .75rem; background: var(--card);
  border: 1px solid color-mix(in srgb, var(--ink) 45%, var(--card)); border-radius: 6px; }
textarea { min-height: 8rem; resize: vertical; }
button, .button { display: inline-block; padding: .5rem 1.25rem; border: 0; border-radius: 6px; cursor:
  pointer;
  background: var(--accent); color: var(--accent-ink); font-weight: 600; text-decoration: none; }
button:hover, .button:hover { filter: brightness(1.1); }

.hero { padding: 1.5rem 0 .5rem; max-width: 44rem; }
.hero p { font-size: 1.125rem; color: var(--soft); }
.search { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1.25rem 0; }
.search > div { flex: 1 1 9rem; }
.search > .wide { flex: 3 1 16rem; }
.search label, .field label { display: block; font-size: .875rem; font-weight: 600; margin-bottom: .25rem; }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; margin:
  2rem 0 0; }
.counts div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem
  1.1rem; }
.counts dt { color: var(--soft); font-size: .875rem; }
.counts dd { margin: 0; font: 600 1.7rem/1.2 var(--serif); font-variant-numeric: lining-nums tabular-nums; }
.tags { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem; }
.tags a { display: block; padding: .2rem .8rem; border-radius: 99px; background: var(--wash);
  text-decoration: none; }
.tags a:hover { text-decoration: underline; }
.tags small { color: var(--soft); }

.grid { list-style: none; margin: 1.5rem 0; padding: 0; display: grid; gap: 2rem 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); }
.grid a { color: inherit; text-decoration: none; display: block; }
.grid a:hover .name { color: var(--accent); text-decoration: underline; }
.name { display: block; font: 600 1.02rem/1.3 var(--serif); margin-top: .7rem; overflow-wrap: anywhere; }
.meta { color: var(--soft); font-size: .875rem; margin: .15rem 0 0; display: block; }
.cover { display: flex; flex-direction: column; justify-content: space-between; aspect-ratio: 2 / 3;
  overflow: hidden;
  padding: 1rem .9rem 1rem 1.25rem; border-radius: 3px 6px 6px 3px; color: #fff; position: relative;
  background: linear-gradient(160deg, hsl(var(--hue) 38% var(--cover-light)), hsl(var(--hue) 45%
  var(--cover-dark)));
  box-shadow: 0 1px 2px rgb(0 0 0 / .25), 0 8px 18px -8px rgb(0 0 0 / .4); }
.cover::before { content: ""; position: absolute; inset: 0 auto 0 .5rem; width: 1px; background: rgb(255
  255 255 / .28); }
.cover::after { content: ""; position: absolute; inset: 0; background-repeat: no-repeat;
  --tint: rgb(255 255 255 / .13); }
.mark-0::after { background-image: radial-gradient(circle at 76% 66%, var(--tint) 0 3.2rem, transparent 3.25rem); }
.mark-1::after { background-image: linear-gradient(transparent 58%, var(--tint) 58% 61%, transparent 61% 64%,
  var(--tint) 64% 75%, transparent 75%); }
.mark-2::after { background-image: linear-gradient(125deg, transparent 55%, var(--tint) 55% 72%, transparent 72%); }
.mark-3::after { background-image: radial-gradient(circle at 50% 100%, transparent 0 3.4rem, var(--tint) 3.45rem 4.4rem,
  transparent 4.45rem 5.4rem, var(--tint) 5.45rem 6.4rem, transparent 6.45rem); }
.cover b, .cover i { z-index: 1; }
.cover b { font: 600 1.02rem/1.25 var(--serif); overflow-wrap: anywhere; display: -webkit-box; overflow:
  hidden;
  -webkit-box-orient: vertical; -webkit-line-clamp: 6; }
.cover i { font-size: .78rem; font-style: normal; line-height: 1.3; overflow-wrap: anywhere; }
.grid .cover { transition: transform .15s; }
@media (prefers-reduced-motion: no-preference) { .grid a:hover .cover { transform: translateY(-4px); } }

.pager { display: flex; justify-content: space-between; align-items: center; gap: 1rem; margin-top: 2.5rem; }
.pager span { color: var(--soft); }
.pager > :first-child { text-align: left; } .pager > :last-child { text-align: right; } .pager > * {
  flex: 1; }
.pager > :nth-child(2) { text-align: center; }
.book { display: grid; grid-template-columns: minmax(10rem, 17rem) 1fr; gap: 2rem 3rem; align-items: start; }
.book .cover b { font-size: 1.6rem; } .book .cover i { font-size: 1rem; }
.byline { font-size: 1.125rem; color: var(--soft); }
.prose { font: 1.125rem/1.7 var(--serif); max-width: 38rem; white-space: pre-line; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; margin: 1.5rem 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { .book { grid-template-columns: 1fr; } .book .cover { max-width: 13rem; } }

.form { max-width: 40rem; display: grid; grid-template-columns: repeat(6, 1fr); gap: 1.25rem 1.25rem;
  margin-top: 1.5rem; }
.field { grid-column: span 6; } .field.half { grid-column: span 3; } .field.third { grid-column: span 2; }
@media (max-width: 36rem) { .field.half, .field.third { grid-column: span 6; } }
.hint, .problem { font-size: .875rem; margin: .3rem 0 0; }
.hint { color: var(--soft); } .problem { color: var(--bad); font-weight: 600; }
[aria-invalid="true"] { border-color: var(--bad); background: var(--bad-wash); }
.alert { background: var(--bad-wash); border-left: 4px solid var(--bad); padding: .75rem 1rem;
  max-width: 40rem; }
.form .actions { grid-column: span 6; }
.lost { text-align: center; padding: 3rem 0; } .lost .search { max-width: 34rem; margin-inline: auto;
  text-align: left; }
"""

STYLE = _STYLE.lstrip() + "".join(f".hue-{n} {{ --hue: {n * 360 // HUES}; }}\n" for n in range(HUES))
#: Changes with the text, so that browsers may keep what they have for ever.
STYLE_VERSION = hashlib.sha256(STYLE.encode()).hexdigest()[:12]
