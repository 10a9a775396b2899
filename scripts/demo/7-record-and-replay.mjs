/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Streams, recordings, replay',
  steps: [
    { run: "natsx stream create SHOP --subjects 'shop.>' --quiet" },
    {
      run: `natsx pub 'shop.{{Count}}' 'order {{Count}}' --template --count 5 --rate 10 --jetstream`,
    },
    {
      say: 'Read a stream like a subject: from its start, and with its own timing, at double speed.',
    },
    { run: 'natsx sub --stream SHOP --from-start --until-end --speed 2x --timestamps delta' },
    {
      say: 'To a file and back, on other subjects. The counts show that nothing is missing.',
    },
    { run: 'natsx record shop.jsonl --stream SHOP' },
    { run: 'head -n 2 shop.jsonl' },
    { start: "natsx sub 'copy.>' --count 5 --format '{subject}: {payload}\\n'", as: 'reader' },
    { run: "natsx replay shop.jsonl --map 'shop.*=copy.*'" },
    { finish: 'reader' },
  ],
};
