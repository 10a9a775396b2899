/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'The server is killed, and nothing is lost',
  steps: [
    { run: "natsx stream create PROOF --subjects 'proof.>' --quiet" },
    {
      say: 'Numbered messages with checksums go through the stream, and are read back and counted.',
    },
    {
      start: 'natsx verify --stream PROOF --rate 500 --duration 2500ms --expect at-least-once',
      as: 'proof',
      ready: /^run /m,
    },
    { say: 'When five hundred of them have arrived, the server is killed.' },
    { run: 'natsx sub --stream PROOF --from-start --count 500 --raw > arrived.bin' },
    { server: 'crash' },
    { server: 'restart' },
    { finish: 'proof' },
  ],
};
