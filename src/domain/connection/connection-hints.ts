/** What to do next, said alike by both engines. */
export const NO_TLS_HINT =
  'leave out --tls-first, if it is set: natsx context show says where it comes from';
export const CLIENT_PORT_HINT = 'check the port: 4222 is the usual one for clients';
