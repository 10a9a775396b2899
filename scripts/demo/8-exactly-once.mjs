/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Exactly once: the same import twice',
  steps: [
    { run: "natsx stream create IMPORT --subjects 'import.>' --quiet" },
    {
      say: 'A thousand lines, each acknowledged by the stream; the order number is the message id.',
    },
    { run: `seq 1000 | sed 's/.*/{"order":&}/' > orders.txt` },
    { run: 'natsx pub import.orders --lines -J --msg-id-from json:.order < orders.txt' },
    { say: 'Not sure whether it worked? Run it again: nothing is stored twice.' },
    { run: 'natsx pub import.orders --lines -J --msg-id-from json:.order < orders.txt' },
    { run: 'natsx stream ls --subject import.orders' },
  ],
};
