/**
 * What the page does beyond being read: it shows the figures at the pointer, and zooms. It finds its plots when it is
 * needed, so that a live page can replace the content of `<main>`.
 */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'status');
  let slot = null;
  const textOf = (one) => {
    const title = one.querySelector('title');
    // Otherwise the browser would show its own as well.
    if (title !== null) { one.dataset.text = title.textContent; title.remove(); }
    return one.dataset.text;
  };
  const leave = () => {
    if (slot === null) return;
    slot.closest('.chart')?.querySelector('.cross')?.classList.remove('on');
    slot = null;
    tip.remove();
  };
  document.addEventListener('pointermove', (event) => {
    const over = event.target instanceof Element ? event.target.closest('.slot') : null;
    if (over === null) return leave();
    if (over !== slot) {
      leave();
      slot = over;
      tip.textContent = textOf(over);
      document.body.append(tip);
      const cross = over.closest('.chart').querySelector('.cross');
      if (cross !== null && over.dataset.x !== undefined) {
        cross.setAttribute('x1', over.dataset.x);
        cross.setAttribute('x2', over.dataset.x);
        cross.classList.add('on');
      }
    }
    const room = document.documentElement.clientWidth;
    const left = Math.min(event.clientX + 14, room - tip.offsetWidth - 8);
    tip.style.left = Math.max(8, left) + scrollX + 'px';
    tip.style.top = event.clientY + scrollY + 16 + 'px';
  });
  document.addEventListener('scroll', leave, { passive: true });

  const MOST = 32;
  const zooms = new WeakMap();
  const zoomOf = (chart) => zooms.get(chart) ?? { by: 1, from: 0 };
  const zoomTo = (chart, by, middle) => {
    const size = Math.min(MOST, Math.max(1, by));
    const from = Math.min(1 - 1 / size, Math.max(0, middle - 0.5 / size));
    zooms.set(chart, { by: size, from });
    const inner = chart.querySelector('.zoom');
    inner.setAttribute('width', size * 100 + '%');
    inner.setAttribute('x', -from * size * 100 + '%');
    chart.classList.toggle('zoomed', size > 1);
    const [out, , whole] = chart.closest('.plot').querySelectorAll('.tools button');
    out.disabled = whole.disabled = size === 1;
  };
  const middleOf = ({ by, from }) => from + 0.5 / by;
  const addTools = (chart) => {
    const plot = chart.closest('.plot');
    if (chart.querySelector('.zoom') === null || plot.querySelector('.tools') !== null) return;
    const tools = document.createElement('div');
    tools.className = 'tools';
    const button = (text, label, act) => {
      const one = document.createElement('button');
      one.type = 'button';
      one.textContent = text;
      one.setAttribute('aria-label', label);
      one.addEventListener('click', act);
      tools.append(one);
    };
    const scale = (factor) => () => {
      const now = zoomOf(chart);
      zoomTo(chart, now.by * factor, middleOf(now));
    };
    button('\\u2212', 'zoom out', scale(0.5));
    button('+', 'zoom in', scale(2));
    button('all', 'show all', () => zoomTo(chart, 1, 0.5));
    plot.querySelector('header').append(tools);
    zoomTo(chart, 1, 0.5);
    chart.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const box = chart.querySelector('.area').getBoundingClientRect();
      const now = zoomOf(chart);
      const at = now.from + (event.clientX - box.left) / box.width / now.by;
      zoomTo(chart, now.by * (event.deltaY < 0 ? 1.5 : 1 / 1.5), at);
    }, { passive: false });
    let last = 0;
    chart.addEventListener('pointerdown', (event) => { last = event.clientX; });
    chart.addEventListener('pointermove', (event) => {
      const now = zoomOf(chart);
      if (event.buttons !== 1 || now.by === 1) return;
      const { width } = chart.querySelector('.area').getBoundingClientRect();
      zoomTo(chart, now.by, middleOf(now) - (event.clientX - last) / width / now.by);
      last = event.clientX;
    });
  };
  const addAll = () => { for (const chart of document.querySelectorAll('.chart')) addTools(chart); };
  new MutationObserver(addAll).observe(document.querySelector('main'), { childList: true });
  addAll();
})();
`;
