/**
 * Keeps a live page up to date: it puts what changed into `<main>` and leaves the rest of the page as it is, so that
 * nobody loses their place, their zoom or what they have selected. On a page of a history, it moves through time.
 */
export const LIVE_SCRIPT = `
'use strict';
(() => {
  const main = document.querySelector('main');
  const line = document.getElementById('live');
  const spoken = document.getElementById('spoken');
  let state = JSON.parse(line.dataset.state);
  let offsetMs = state.now_ms - Date.now();
  let source = null;
  let goneMs = null;
  let isOver = false;

  const ownAttributes = (live, name) =>
    name === 'open' || name === 'data-text' ||
    (live.classList.contains('zoom') && (name === 'x' || name === 'width')) ||
    (live.classList.contains('cross') && name !== 'y1' && name !== 'y2') ||
    (live.classList.contains('chart') && name === 'class');
  const isOwn = (node) => node.nodeType === 1 && node.classList.contains('tools');
  const change = (live, next) => {
    if (live.nodeType !== next.nodeType || live.nodeName !== next.nodeName) {
      live.replaceWith(next);
      return;
    }
    if (live.nodeType !== 1) {
      if (live.data !== next.data) live.data = next.data;
      return;
    }
    for (const { name, value } of [...next.attributes]) {
      if (live.getAttribute(name) !== value && !ownAttributes(live, name)) live.setAttribute(name, value);
    }
    for (const { name } of [...live.attributes]) {
      if (!next.hasAttribute(name) && !ownAttributes(live, name)) live.removeAttribute(name);
    }
    if (live.dataset.text !== undefined && next.firstElementChild?.localName === 'title') {
      delete live.dataset.text;
    }
    changeAll(live, next);
  };
  const changeAll = (live, next) => {
    const had = [...live.childNodes].filter((node) => !isOwn(node));
    const gets = [...next.childNodes];
    gets.forEach((node, at) => {
      if (at < had.length) change(had[at], node);
      else live.append(node);
    });
    had.slice(gets.length).forEach((node) => node.remove());
  };

  const clock = (ms) => new Date(ms).toTimeString().slice(0, 8);
  const span = (ms) => {
    const s = Math.max(0, Math.round(ms / 1000));
    const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
    return h > 0 ? h + 'h' + m + 'm' : m > 0 ? m + 'm' + (s % 60) + 's' : s + 's';
  };
  const words = () => {
    const nowMs = Date.now() + offsetMs;
    const ago = (ms) => ' (' + span(nowMs - ms) + ')';
    const { read, read_at_ms: readMs, lost, lost_at_ms: lostMs, stale_after_ms: staleMs } = state;
    if (isOver) return ['bad', 'natsx has ended; ' + read];
    if (goneMs !== null) return ['bad', 'no answer from natsx since ' + clock(goneMs) + ago(goneMs) + '; ' + read];
    if (lostMs !== null) return ['bad', lost + ago(lostMs) + '; ' + read];
    if (staleMs !== null && readMs !== null && nowMs - readMs > staleMs) {
      return ['bad', 'no new figures; ' + read + ago(readMs)];
    }
    return ['', read];
  };
  const show = () => {
    const [tone, text] = words();
    if (line.textContent !== text) line.textContent = text;
    line.className = tone;
  };
  const say = (text) => {
    if (spoken.textContent !== text) spoken.textContent = text;
  };

  const receive = (data) => {
    const next = JSON.parse(data);
    offsetMs = next.now_ms - Date.now();
    goneMs = null;
    const template = document.createElement('template');
    // As the page has it.
    template.innerHTML = '\\n' + next.main + '\\n';
    changeAll(main, template.content);
    if (document.title !== next.title) document.title = next.title;
    if (next.lost_at_ms !== null && state.lost_at_ms === null) {
      say(next.lost);
    } else if (next.lost_at_ms === null && (state.lost_at_ms !== null || next.verdict !== state.verdict)) {
      say(next.verdict);
    }
    delete next.main;
    state = next;
    show();
  };
  const follow = () => {
    if (line.dataset.follow === undefined) {
      source?.close();
      source = null;
    } else if (source === null) {
      source = new EventSource('events' + location.search);
      source.addEventListener('update', ({ data }) => receive(data));
      source.addEventListener('end', () => {
        isOver = true;
        source.close();
        show();
      });
      source.addEventListener('error', () => {
        goneMs ??= Date.now() + offsetMs;
        show();
      });
    }
  };
  follow();
  show();
  setInterval(show, 1000);

  const form = document.getElementById('moments');
  if (form === null) return;
  const range = form.querySelector('input[type=range]');
  const label = form.querySelector('output');
  let asked = 0;
  const go = async (url) => {
    asked += 1;
    const own = asked;
    const html = await fetch(url).then((answer) => answer.text(), () => '');
    if (own !== asked || html === '') return;
    const next = new DOMParser().parseFromString(html, 'text/html');
    changeAll(main, next.querySelector('main'));
    change(form, next.getElementById('moments'));
    change(line, next.getElementById('live'));
    range.value = range.getAttribute('value');
    document.title = next.title;
    state = JSON.parse(line.dataset.state);
    say(state.verdict);
    follow();
    show();
  };
  const visit = (url) => {
    history.pushState(null, '', url);
    void go(url);
  };
  const urlAt = () => {
    const query = new URLSearchParams(location.search);
    query.set('at', new Date(Number(range.value)).toISOString());
    return location.pathname + '?' + query;
  };
  range.addEventListener('input', () => {
    const at = new Date(Number(range.value));
    at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
    label.textContent = at.toISOString().slice(0, 19).replace('T', ' ');
    range.setAttribute('aria-valuetext', label.textContent);
  });
  range.addEventListener('change', () => visit(urlAt()));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    visit(urlAt());
  });
  form.addEventListener('click', (event) => {
    const link = event.target.closest('a');
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    visit(link.href);
  });
  addEventListener('popstate', () => void go(location.href));
})();
`;
