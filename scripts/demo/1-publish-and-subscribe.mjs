/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Publish and subscribe',
  steps: [
    {
      say: 'A subscriber waits for two messages. It reports when it is subscribed, so none is missed.',
    },
    { start: 'natsx sub greetings --count 2', as: 'subscriber' },
    { run: "natsx pub greetings 'Hello NATS!'" },
    { run: `natsx pub greetings '{"from":"natsx"}' -H 'Trace: a1'` },
    { finish: 'subscriber' },
    { say: 'For scripts: one JSON object per message, and a reliable exit code.' },
    { start: 'natsx sub orders.new --json --count 1', as: 'script' },
    { run: `natsx pub orders.new '{"id":7,"total":120.5}'` },
    { finish: 'script' },
    { run: 'natsx sub orders.new --count 1 --wait 200ms', exit: 5 },
  ],
};
