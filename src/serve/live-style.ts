/** The line at the top of a live page, and the controls of a history. */
export const LIVE_STYLE = `
.live{position:sticky;top:0;z-index:1;background:var(--page);border-bottom:1px solid var(--line)}
.live>*{max-width:62rem;margin:0 auto;padding:.35rem 1rem}
#live{color:var(--soft);font-size:.88rem}
#live.bad{color:var(--bad);font-weight:600;background:var(--bad-soft)}
#spoken{position:absolute;width:1px;height:1px;padding:0;overflow:hidden;clip-path:inset(50%)}
#moments{display:flex;flex-wrap:wrap;gap:.35rem .75rem;align-items:center;font-size:.9rem}
#moments input{flex:1 1 16rem;margin:0;accent-color:var(--c1)}
#moments output{min-width:11.5rem;font-weight:600}
#moments button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:.25rem;
padding:.1rem .6rem;cursor:pointer}
#moments svg{flex:0 0 100%;height:6px;background:var(--grid);fill:var(--soft)}
#moments nav{flex:0 0 100%;display:flex;flex-wrap:wrap;gap:.2rem 1rem}
#moments a{color:var(--info)}
#moments details{flex:0 0 100%;color:var(--soft)}
@media print{.live{position:static}#moments{display:none}}
`;
