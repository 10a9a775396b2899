/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'A worker dies, and natsx shows why messages pile up',
  steps: [
    { run: "natsx stream create JOBS --subjects 'jobs.>' --quiet" },
    { run: 'natsx consumer create JOBS worker --push work --quiet' },
    {
      say: 'A worker acknowledges each message that it gets; a hundred jobs arrive per second.',
    },
    { start: 'natsx reply work +ACK > worker.txt', as: 'worker' },
    {
      start: "natsx pub jobs.new 'job {{Count}}' --template --count 10000 --rate 100",
      as: 'publisher',
      ready: /^/,
    },
    { run: 'natsx backlog JOBS --window 1s' },
    { say: 'The worker dies. Which consumer is behind, why, and what helps?' },
    { finish: 'worker', signal: 'SIGINT' },
    { run: 'natsx backlog JOBS --window 2s --fail-on critical', exit: 9 },
    { say: 'It starts again, and soon nothing is waiting: exit code 0.' },
    { start: 'natsx reply work +ACK > worker.txt', as: 'worker' },
    { run: "natsx backlog JOBS --window 1s --fail-if 'age>1s'", retry: true },
    { finish: 'publisher', signal: 'SIGINT', exit: 130 },
    { finish: 'worker', signal: 'SIGINT' },
  ],
};
