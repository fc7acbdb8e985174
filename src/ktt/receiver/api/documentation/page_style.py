"""How the page looks: the system's own typeface and colours, light or dark, wide tables that scroll by themselves."""

STYLE = """
:root { color-scheme: light dark; --line: #767676; --soft: color-mix(in srgb, CanvasText 7%, Canvas); }
html { background: Canvas; color: CanvasText; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem; }
#en { display: none; } #en:target, #en:has(:target) { display: block; }
#en:target ~ #nb, #en:has(:target) ~ #nb { display: none; }
nav a { margin-right: 1rem; } h2 { margin-top: 2.5rem; } h3 { margin: 2rem 0 0; } h3 + p { margin-top: .25rem; }
:target { scroll-margin-top: 1rem; } dt:target { background: var(--soft); }
code { font: .9em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { font: .85rem/1.4 ui-monospace, monospace; background: var(--soft); padding: .75rem; margin: .5rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; }
thead th { background: var(--soft); } tbody th { font-weight: normal; }
td a { margin-right: .5rem; display: inline-block; } td details { margin-top: .25rem; } summary { cursor: pointer; padding: .25rem 0; } dt { margin-top: .75rem; } dd { margin: 0; }
@media (min-width: 50rem) { tbody th code { white-space: nowrap; } }
@media (max-width: 50rem) { .wide table { min-width: 34rem; } tbody th { width: 11rem; } }
@media print { nav { display: none; } }
"""
