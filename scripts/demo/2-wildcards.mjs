/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Wildcards and filters',
  steps: [
    { say: '* matches one token of a subject, > matches all that follow.' },
    { start: "natsx sub 'orders.*.new' --count 2", as: 'one word' },
    { start: "natsx sub 'orders.>' --count 3 --report subjects", as: 'the rest' },
    { run: 'natsx pub orders.eu.new 1' },
    { run: 'natsx pub orders.us.new 2' },
    { run: 'natsx pub orders.eu.paid.late 3' },
    { finish: 'one word' },
    { finish: 'the rest' },
    { say: 'An invalid subject is rejected before anything is sent.' },
    { run: 'natsx pub orders..new 4', exit: 2 },
  ],
};
