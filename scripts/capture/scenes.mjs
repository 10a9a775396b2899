/**
 * @typedef {object} Scene
 * @property {string} name of the file
 * @property {readonly string[]} terminals what is written above each
 * @property {readonly SceneStep[]} steps
 * @property {number} [shown] so many of the terminals are drawn, from the first; all by default
 *
 * @typedef {object} SceneStep
 * @property {number} [terminal] 0 by default
 * @property {string} [type] a command line; without it the step only waits
 * @property {RegExp} [until] what the screen must show before the next step; a new prompt by default
 */

/** @type {readonly Scene[]} */
export const scenes = [
  {
    name: 'first-look',
    terminals: ['a subscriber', 'a publisher'],
    steps: [
      { type: "natsx sub 'orders.>' --count 2", until: /subscribed to/ },
      { terminal: 1, type: `natsx pub orders.new '{"id":7,"total":120.5}' -H 'Trace: a1'` },
      { terminal: 1, type: "natsx pub orders.paid 'order 7'" },
      { terminal: 1, type: 'natsx request billing.total hello' },
      { terminal: 1, type: 'echo $?', until: /\n6\n/ },
      { until: /none dropped/ },
    ],
  },
  {
    name: 'queue-group',
    terminals: ['three workers of a queue group', 'a publisher'],
    steps: [
      {
        type: 'natsx queue-sub jobs workers --workers 3 --count 900 --raw > done.txt',
        until: /subscribed to/,
      },
      { terminal: 1, type: "natsx pub jobs 'job {{Count}}' --template --count 900" },
      { until: /none dropped/ },
    ],
  },
  {
    name: 'backlog',
    terminals: ['on call', 'a publisher', 'a worker that dies'],
    steps: [
      { type: "natsx stream create ORDERS --subjects 'orders.>' --max-age 10m --quiet" },
      { type: 'natsx consumer create ORDERS billing --push billing --quiet' },
      { type: 'natsx consumer create ORDERS archive-to-cold-storage --quiet' },
      {
        terminal: 2,
        type: 'natsx reply billing +ACK --count 100 > worker.txt',
        until: /listening/,
      },
      {
        terminal: 1,
        type: "natsx pub orders.new 'order {{Count}}' --template --count 2000 --rate 100",
        until: /pub orders/,
      },
      { terminal: 2, until: /answered 100/ },
      { type: 'clear', until: /^\$ ?$/ },
      { type: 'natsx backlog' },
    ],
    shown: 1,
  },
];
