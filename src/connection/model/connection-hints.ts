/** Hints that both engines give. */
export const NO_TLS_HINT =
  'leave out --tls-first, if it is set: natsx context show says where it comes from';
export const CLIENT_PORT_HINT = 'check the port: 4222 is the usual one for clients';
export const CREDENTIALS_HINT =
  'natsx context show says which credentials are used and where each of them comes from';
export const REFUSED_HINT =
  'is a nats-server running there? name another with --server, or wait with --wait-for-server 30s';
export const PERMISSION_HINT =
  'natsx info shows the permissions of this user; ask the operator for more';
export const INBOX_HINT =
  'replies need an inbox that this user may subscribe to: name its prefix with --inbox-prefix';
