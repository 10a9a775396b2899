/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Request and reply',
  steps: [
    { start: "natsx reply 'convert.*' --command 'tr a-z A-Z'", as: 'service' },
    { run: "natsx request convert.upper 'shout, please'" },
    {
      run: "natsx request convert.upper 'number {{Count}}' --template --count 20 --concurrency 4 --raw",
    },
    { finish: 'service', signal: 'SIGINT' },
    { say: 'Now nobody answers any more, and the exit code says so at once.' },
    { run: 'natsx request convert.upper hello', exit: 6 },
  ],
};
