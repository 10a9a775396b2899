/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Request and reply',
  steps: [
    { start: "natsx reply 'convert.*' --command 'tr a-z A-Z'", as: 'service' },
    { run: "natsx request convert.upper 'shout, please'" },
    { finish: 'service', signal: 'SIGINT' },
    { say: 'How fast is a service? A thousand requests, ten at a time.' },
    { start: 'natsx reply convert.echo --echo > answered.txt', as: 'service' },
    { run: 'natsx request convert.echo hello --count 1000 --concurrency 10 > replies.txt' },
    { finish: 'service', signal: 'SIGINT' },
    { say: 'Now there are no responders, and the exit code says so immediately.' },
    { run: 'natsx request convert.upper hello', exit: 6 },
  ],
};
