/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Throughput',
  steps: [
    { say: 'A hundred thousand lines through the server into a file, none of them lost.' },
    {
      start: 'natsx sub lines --raw --count 100000 | wc -l',
      as: 'reader',
    },
    { run: 'seq 100000 | natsx pub lines --lines' },
    { finish: 'reader' },
    { say: 'And measured from publish to deliver, with latencies from the intended send time.' },
    { run: 'natsx bench pubsub --rate 20k --duration 2s' },
  ],
};
