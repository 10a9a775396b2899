/**
 * The style of all pages. Colours are a palette that colour-blind people can tell apart (Okabe and Ito), darker or
 * lighter where text needs the contrast; a tone always has its word as well.
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1a1f27;--soft:#57606c;--line:#dfe3e8;--grid:#e9ecf0;
--good:#00694c;--good-soft:#e3f4ee;--warn:#8a5300;--warn-soft:#fdf1dc;--bad:#b3261e;--bad-soft:#fcebe9;
--info:#23609c;--info-soft:#e6f0fa;--unknown:#5b5470;--unknown-soft:#efedf5;--plain:#57606c;--plain-soft:#eef0f3;
--c1:#0072b2;--c2:#d55e00;--c3:#009e73;--c4:#b0558b;--c5:#a67600}
@media (prefers-color-scheme:dark){:root{--page:#12161c;--card:#1a2028;--ink:#e6e9ee;--soft:#a0a9b6;--line:#313a46;
--grid:#28303a;--good:#4fd0a5;--good-soft:#12332a;--warn:#f2b95c;--warn-soft:#372a12;--bad:#ff958c;--bad-soft:#40201e;
--info:#7dbcf5;--info-soft:#172d42;--unknown:#bdb3dc;--unknown-soft:#2a2638;--plain:#a0a9b6;--plain-soft:#262d36;
--c1:#56b4e9;--c2:#ff8f4a;--c3:#2fc79a;--c4:#e69fc4;--c5:#f0b429}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:62rem;margin:0 auto;padding:0 1rem}
main{padding-top:1.75rem}
h1,h2,h3,p,ul,ol,dl,figure,table{margin:0}
h1{font-size:1.35rem;line-height:1.25;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:2rem 0 .75rem}
h3{font-size:.95rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em}
code{overflow-wrap:anywhere}
.head{display:flex;flex-wrap:wrap;gap:.15rem 1rem;align-items:baseline;justify-content:space-between;
margin-bottom:1rem}
.head p{color:var(--soft);overflow-wrap:anywhere}
.verdict{border:1px solid var(--line);border-left:.4rem solid var(--tone);border-radius:.4rem;
background:var(--tone-soft);padding:.85rem 1.1rem}
.verdict p{overflow-wrap:anywhere}
.verdict .word{font-size:1.5rem;line-height:1.2;font-weight:700;color:var(--tone);margin-bottom:.15rem}
.verdict .word::first-letter{text-transform:uppercase}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:1px;margin-top:1rem;
background:var(--card);border:1px solid var(--line);border-radius:.4rem;overflow:hidden}
.figures div{padding:.7rem .75rem;box-shadow:0 0 0 1px var(--line)}
.figures dt{color:var(--soft);font-size:.82rem}
.figures dd{margin:0;font-size:1.1rem;line-height:1.3;font-weight:600;overflow-wrap:anywhere}
.figures dd small{display:block;font-size:.8rem;line-height:1.35;font-weight:400;color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.4rem}
.card+.card,.card+p,p+.card,.card+ul,ul+.card{margin-top:.75rem}
.plot{padding:.9rem 1rem .7rem;break-inside:avoid}
.plot header{display:flex;flex-wrap:wrap;gap:.1rem 1rem;align-items:baseline;margin-bottom:.5rem}
.plot header h3{flex:1 1 16rem}
.plot .about{color:var(--soft);font-size:.85rem;margin-top:.5rem}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;padding:0;margin-bottom:.4rem;font-size:.85rem;color:var(--soft)}
.legend svg{width:1.1rem;height:.7rem;margin-right:.35rem;overflow:visible;vertical-align:baseline}
.marks{list-style:none;padding:0;font-size:.85rem;margin-top:.35rem;columns:18rem;column-gap:1.5rem}
.marks li{display:flex;gap:.5rem;break-inside:avoid}
.marks b{flex:none;min-width:1.2rem;text-align:right;color:var(--tone)}
.chart{display:block;width:100%;overflow:visible}
.chart text{font-size:12px;fill:var(--soft);paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
.chart text.strong{fill:var(--ink);font-weight:600}
.chart text.mark{stroke:none;fill:var(--card);font-size:10px;font-weight:700;text-anchor:middle}
.chart.axes{margin-left:64px;width:calc(100% - 64px)}
.chart .area,.chart .zoom{overflow:visible}
.chart.zoomed .area{overflow:hidden}
.chart .finer{display:none}
.chart.zoomed .finer{display:initial}
.grid{stroke:var(--grid)}
.axis{stroke:var(--line)}
.line{fill:none;stroke-width:1.75;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.fill{opacity:.16;stroke:none}
.dash{stroke-dasharray:5 4}
.band{opacity:.2}
.slot{fill:transparent}.slot.solid{fill:var(--tone)}
.track{fill:var(--plain-soft)}.marker{stroke:var(--ink);stroke-width:2}.zero{stroke:var(--soft)}
.box{opacity:.55}.mean{stroke-width:2.5}
.chart .note{fill:var(--tone);font-weight:600}.chart .amount{fill:var(--ink)}
.cross{stroke:var(--soft);visibility:hidden}
.cross.on{visibility:visible}
.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}
.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}.f4{fill:var(--c4)}.f5{fill:var(--c5)}
.good{--tone:var(--good);--tone-soft:var(--good-soft)}.warn{--tone:var(--warn);--tone-soft:var(--warn-soft)}
.bad{--tone:var(--bad);--tone-soft:var(--bad-soft)}.info{--tone:var(--info);--tone-soft:var(--info-soft)}
.unknown{--tone:var(--unknown);--tone-soft:var(--unknown-soft)}
.plain{--tone:var(--plain);--tone-soft:var(--plain-soft)}
.tone{color:var(--tone);font-weight:600}
.tone-fill{fill:var(--tone)}.tone-line{stroke:var(--tone)}.chart text.tone-text{fill:var(--tone);font-weight:600}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
th{font-weight:600;font-size:.82rem;color:var(--soft);white-space:nowrap}
tbody th{font-size:inherit;color:inherit;font-weight:500;white-space:normal;min-width:6rem;overflow-wrap:anywhere}
tbody th.short{white-space:nowrap}
td{min-width:4rem;overflow-wrap:break-word}
th.right,td.right{text-align:right;white-space:nowrap}
.finding{border-left:.3rem solid var(--tone);padding:.75rem 1rem;break-inside:avoid}
.finding h3{font-weight:600;overflow-wrap:anywhere}
.finding p{margin-top:.25rem;overflow-wrap:anywhere}
.finding .evidence{color:var(--soft);font-size:.85rem}
.badge{display:inline-block;margin-right:.5rem;padding:0 .45rem;border-radius:.25rem;background:var(--tone-soft);
color:var(--tone);font-size:.8rem;font-weight:600}
pre{margin:.5rem 0 0;padding:.55rem .75rem;background:var(--plain-soft);border-radius:.3rem;white-space:pre-wrap;
overflow-wrap:anywhere}
.conditions{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:0 2rem;
padding:.5rem 1rem}
.conditions div{display:flex;gap:1rem;justify-content:space-between;padding:.3rem 0;border-bottom:1px solid var(--grid);
font-size:.9rem}
.conditions dt{color:var(--soft)}
.conditions dd{margin:0;text-align:right;overflow-wrap:anywhere}
.foot{color:var(--soft);font-size:.82rem;padding:1rem 0 2rem}
.tip{position:absolute;z-index:2;pointer-events:none;max-width:20rem;padding:.4rem .6rem;border-radius:.3rem;
background:var(--ink);color:var(--page);font-size:.82rem;white-space:pre-line}
.tools{display:flex;gap:.25rem}
.tools button{font:inherit;font-size:.85rem;line-height:1;min-width:1.75rem;padding:.3rem .5rem;color:var(--ink);
background:var(--card);border:1px solid var(--line);border-radius:.25rem;cursor:pointer}
.tools button:disabled{opacity:.45;cursor:default}
a,button,.scroll{outline-offset:2px}
:focus-visible{outline:2px solid var(--c1)}
@media (min-width:34.01rem){.tight{display:none}}
@media (max-width:34rem){.coarse{display:none}body{font-size:14px}th,td{padding:.4rem .5rem}.plot{padding:.75rem}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--grid:#ddd;
--good:#00694c;--good-soft:#fff;--warn:#8a5300;--warn-soft:#fff;--bad:#b3261e;--bad-soft:#fff;--info:#23609c;
--info-soft:#fff;--unknown:#5b5470;--unknown-soft:#fff;--plain:#444;--plain-soft:#fff;--c1:#0072b2;--c2:#d55e00;
--c3:#009e73;--c4:#b0558b;--c5:#a67600}
body{font-size:10pt}main{max-width:none;padding-left:0;padding-right:0}.tools,.tip{display:none}
h2{break-after:avoid}tr{break-inside:avoid}.scroll{overflow:visible}}
`;
