#!/usr/bin/env node
// Sends messages to FHI's receiving service, in the order in which they are given. Node 18 or newer, no dependencies.
//
//   node send.mjs CLIENT.JSON MESSAGE... TYPE VERSION          node send.mjs client.json outbox/*.json KTT_Tjeneste 1
//
// Exit code: 0 all is delivered; 2 wrong use; 12 a message was rejected; 14 a temporary fault, run it again later; 15 token
// or proof was not accepted. § is a section of docs/reference/protocol/transport.md, helseid § of helseid.md.
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

// § 6: change these to your own. Printable ASCII, 1 to 100 characters.
const SOFTWARE = { 'x-vendor-name': 'Eksempel AS', 'x-software-name': 'Eksempel-EPJ', 'x-software-version': '1.0',
  'x-export-software-version': 'node-1' };
const TRIES = 4, FIRST_WAIT = 1, LONGEST_WAIT = 30, ANSWER_WITHIN = 40; // § 10.1, § 15; seconds
const LARGEST_BODY = 15_000_000; // § 10 rule 8c; bytes
const TOKEN_MARGIN = 10; // helseid § 2 FK3; seconds before its end that a token is no longer used
const CODES = { // § 8: codes that are treated in a way of their own; the name decides before the number
  InvalidKeyId: 1004, PayloadHashMismatch: 1006, ExpiredKey: 1007, DecryptionErrorForAsymmetricalKey: 1008,
  DecryptionErrorForSymmetricalKey: 1009, SchemaNotFound: 2006, InvalidJsonMessage: 2007, SchemaValidationFailed: 2008,
  PayloadSizeLimitExceeded: 2009, StorageError: 2010 };
const OTHER_ENVELOPE = [1004, 1006, 1007, 1008, 1009], CONTENT = [2006, 2007, 2008, 2009]; // § 10.1

class Stop extends Error { constructor(exitCode, text) { super(text); this.exitCode = exitCode; } } // ends the run
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes) => base64url(crypto.createHash('sha256').update(bytes).digest());
const now = () => Math.floor(Date.now() / 1000);
const json = (text) => { try { return JSON.parse(text); } catch { return undefined; } };
const hidden = (text) => String(text).replace(/\d{5,}|"[^"]*\d[^"]*"/g, '…'); // a long number may be a person's

function address(text) { // § 14.4: https, or http to this machine; one value for the call and for `htu` (§ 12.2)
  const url = new URL(text);
  if (url.protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) return url.href;
  throw new Stop(2, `${url.origin} is neither https nor this machine`);
}

async function call(url, options) { // § 15: no redirect is followed, and nobody waits for ever
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN * 1000), ...options });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

class Signer { // helseid § 3, § 5, § 13: the client's key signs assertions and proofs
  constructor(jwk) {
    this.jwk = jwk;
    this.alg = jwk.alg ?? 'RS256';
    if (!/^[RP]S(256|384|512)$/.test(this.alg)) throw new Stop(2, `the key's algorithm ${this.alg} is not for RSA`);
    this.key = crypto.createPrivateKey({ key: jwk, format: 'jwk' });
  }
  sign(header, claims) {
    const text = [{ ...header, alg: this.alg }, claims].map((part) => base64url(JSON.stringify(part))).join('.');
    const padding = this.alg[0] === 'P' ? crypto.constants.RSA_PKCS1_PSS_PADDING : crypto.constants.RSA_PKCS1_PADDING;
    const how = { key: this.key, padding, saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST };
    return `${text}.${base64url(crypto.sign(`sha${this.alg.slice(2)}`, Buffer.from(text), how))}`;
  }
  proof(url, claims) { // § 5: always new, and made last
    const { kty, n, e } = this.jwk, jti = base64url(crypto.randomBytes(16));
    return this.sign({ typ: 'dpop+jwt', jwk: { kty, n, e } }, { jti, htm: 'POST', htu: url, iat: now(), ...claims });
  }
}

class HelseId {
  constructor({ authority, client_id, scope }, signer) {
    Object.assign(this, { authority: authority.replace(/\/+$/, ''), clientId: client_id, scope, signer });
  }
  async token() { // helseid § 4: asked for once more when a nonce is demanded, not twice
    if (this.held && now() < this.until) return this.held; // helseid § 2 FK3
    this.document ??= await this.discover();
    const asked = now();
    let answer = await this.request();
    if (json(answer.body)?.error === 'use_dpop_nonce' && this.nonce) answer = await this.request();
    const found = json(answer.body) ?? {};
    if ([400, 401, 403].includes(answer.status)) throw new Stop(15, `HelseID: ${hidden(found.error ?? 'refused')}`);
    if (answer.status !== 200 || !found.access_token) throw new Error(`HelseID: no token (HTTP ${answer.status})`);
    if (String(found.token_type).toLowerCase() !== 'dpop') throw new Stop(15, 'HelseID: the token is not bound');
    this.until = asked + (found.expires_in ?? 0) - TOKEN_MARGIN;
    return (this.held = found.access_token);
  }
  async discover() { // helseid § 1
    const answer = await call(address(`${this.authority}/.well-known/openid-configuration`));
    const found = (answer.status === 200 && json(answer.body)) || {};
    if (!found.issuer || !found.token_endpoint) throw new Error(`HelseID: no discovery (HTTP ${answer.status})`);
    const elsewhere = new URL(found.token_endpoint).origin !== new URL(this.authority).origin;
    if (found.issuer.replace(/\/+$/, '') !== this.authority || elsewhere) throw new Stop(15, 'HelseID: another issuer');
    return found;
  }
  async request() { // helseid § 4, § 5: a new assertion and a new proof in each request
    const { issuer, token_endpoint } = this.document, url = address(token_endpoint);
    const assertion = this.signer.sign({ typ: 'client-authentication+jwt', kid: this.signer.jwk.kid }, {
      iss: this.clientId, sub: this.clientId, aud: issuer, jti: base64url(crypto.randomBytes(16)),
      iat: now(), nbf: now(), exp: now() + 30 }); // a multi-tenant client adds `assertion_details`, helseid § 6
    const body = new URLSearchParams({
      grant_type: 'client_credentials', client_id: this.clientId, scope: this.scope, client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
    const proof = this.signer.proof(url, this.nonce ? { nonce: this.nonce } : {});
    const answer = await call(url, { method: 'POST', headers: { DPoP: proof }, body });
    this.nonce = answer.headers.get('dpop-nonce') ?? this.nonce;
    return answer;
  }
}

class Receiver {
  constructor(base, helseid, signer) {
    const url = address(base).replace(/\/+$/, '');
    Object.assign(this, { keysUrl: `${url}/keys`, messageUrl: `${url}/message`, helseid, signer });
  }
  async key() { // § 3.3: the unexpired RSA key that expires last, the first one of equals
    if (this.held && Date.now() < this.until) return this.held;
    const answer = await call(this.keysUrl), listed = answer.status === 200 ? json(answer.body) : undefined;
    if (!Array.isArray(listed)) throw new Error(`keys: no list (HTTP ${answer.status})`);
    this.held = listed.map(usable).filter((one) => one?.expires > Date.now())
      .reduce((best, one) => (best?.expires >= one.expires ? best : one), undefined);
    if (!this.held) throw new Error('keys: none that can be used');
    const control = answer.headers.get('cache-control') ?? '';
    const age = /no-store|no-cache/.test(control) ? 0 : Number(/max-age=(\d+)/.exec(control)?.[1] ?? 300);
    this.until = Math.min(this.held.expires, Date.now() + age * 1000);
    return this.held;
  }
  async post(message, begin) { // § 2: keys, envelope, token, and the proof last
    const key = await this.key(), { body, wrapped } = seal(message.content, key.publicKey);
    if (body.length >= LARGEST_BODY) throw new Stop(12, `${message.name}: too large, divide it`);
    const token = await this.helseid.token();
    const proof = this.signer.proof(this.messageUrl, {
      ath: sha256(token), msg_type: message.type, msg_version: message.version, msg_hash: message.hash,
      enc_sym_key: wrapped, enc_key_id: key.id, ...(this.nonce ? { nonce: this.nonce } : {}) });
    const headers = { Authorization: `DPoP ${token}`, DPoP: proof, 'Content-Type': 'text/plain; charset=utf-8',
      ...SOFTWARE, 'x-data-extraction-date': message.date }; // § 6
    begin();
    const answer = await call(this.messageUrl, { method: 'POST', headers, body });
    this.nonce = answer.headers.get('dpop-nonce') ?? this.nonce;
    return answer;
  }
}

function usable({ id, expirationDate, publicKey } = {}) { // § 3.2, § 3.3
  try {
    const key = crypto.createPublicKey(publicKey);
    const expires = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(expirationDate) ? expirationDate : `${expirationDate}Z`);
    return key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails.modulusLength >= 2048 && { id, expires, publicKey: key };
  } catch { return undefined; }
}

function seal(content, publicKey) { // § 4: a new key and a new IV every time
  const secret = crypto.randomBytes(32), iv = crypto.randomBytes(16);
  const cipher = crypto.createCipheriv('aes-256-cbc', secret, iv);
  const body = Buffer.concat([iv, cipher.update(content), cipher.final()]).toString('base64');
  return { body, wrapped: base64url(crypto.publicEncrypt({ key: publicKey, oaepHash: 'sha256' }, secret)) };
}

function judge({ status, headers, body }) { // § 10.1: status, header and body together
  const answer = json(body), receipt = headers.get('x-correlation-id');
  const errors = Array.isArray(answer?.errors) ? answer.errors : [];
  const codes = errors.map((one) => CODES[/^Error: (\w+)/.exec(one.errorMessage)?.[1]] ?? one.errorCode);
  const seen = { receipt, codes, text: [`HTTP ${status}`, ...errors.map(described)].join('\n  '),
    wait: Number(/^\d{1,6}$/.exec(headers.get('retry-after') ?? '')?.[0] ?? 0) };
  if ([200, 201].includes(status) && answer?.delivered === true && receipt) return { ...seen, kind: 'delivered' };
  const nonce = /use_dpop_nonce/.test(headers.get('www-authenticate')) && headers.has('dpop-nonce');
  if ([401, 403].includes(status)) return { ...seen, kind: nonce ? 'nonce' : 'token' };
  if (status === 429) return { ...seen, kind: 'later' };
  const temporary = status < 400 || status >= 500 || [408, 425].includes(status) || codes.includes(2010);
  if (temporary || answer?.delivered === true) return { ...seen, kind: 'unknown' }; // it may have been stored
  return { ...seen, kind: codes.some((code) => OTHER_ENVELOPE.includes(code)) ? 'keys' : 'rejected' };
}

function described({ errorCode, errorMessage, propertyName, errorDetails }) { // § 7: details are a text that holds JSON
  const details = json(errorDetails), places = Array.isArray(details) ? details : [];
  const lines = places.map((one) => `\n    ${one.Location}: ${one.Errors?.map((error) => error.Value).join('; ')}`);
  return hidden([errorMessage ?? errorCode, propertyName, ...lines].filter(Boolean).join(' '));
}

async function attempt(message, receiver, journal) { // one new envelope and one new proof
  let begun = false;
  try {
    return judge(await receiver.post(message, () => { begun = true; journal.begin(message); }));
  } catch (fault) {
    if (fault instanceof Stop) throw fault;
    const reason = fault.cause?.code ?? fault.message, away = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
    return { kind: begun && !away.includes(reason) ? 'unknown' : 'later', text: reason, wait: 0 };
  }
}

async function deliver(message, receiver, journal) { // § 10.1
  const remedies = { nonce() {}, token() { receiver.helseid.held = null; }, keys() { receiver.held = null; } };
  let uncertain = journal.mayBeStored;
  for (let tried = 1; ;) {
    const seen = await attempt(message, receiver, journal);
    if (seen.kind === 'delivered') return seen.receipt;
    uncertain ||= seen.kind === 'unknown';
    if (remedies[seen.kind]) { // each at most once
      remedies[seen.kind]();
      delete remedies[seen.kind];
    } else if (seen.kind === 'later' || seen.kind === 'unknown') {
      const pause = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tried - 1)) * (0.5 + Math.random() / 2);
      const wait = Math.max(seen.wait, pause);
      if (tried++ >= TRIES || wait > LONGEST_WAIT) throw new Stop(14, `${message.name}: not confirmed. ${seen.text}`);
      await new Promise((done) => { setTimeout(done, wait * 1000); });
    } else {
      if (!uncertain || seen.codes.some((code) => CONTENT.includes(code))) journal.write('rejected', message, seen.receipt);
      const text = `${message.name}: not accepted, receipt ${seen.receipt ?? 'missing'}. ${seen.text}`;
      throw new Stop(seen.kind === 'token' || seen.kind === 'nonce' ? 15 : 12, text);
    }
  }
}

// What has happened, a line each: state, file name, receipt, hash. It is on the disk before the next step is taken, so that
// a run that was cut off anywhere goes on in order when it is started again (§ 10 rules 2 and 3).
class Journal {
  constructor(file) {
    this.file = file;
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    if (text && !text.endsWith('\n')) fs.appendFileSync(file, '\n'); // the machine stopped in the middle of a line
    this.lines = text.split('\n').map((line) => line.split('\t')).filter((line) => line[3]?.length === 43);
  }
  get last() { return this.lines.at(-1) ?? []; }
  get mayBeStored() { return this.last[0] === 'sending'; }
  receipt({ name, hash }) {
    return this.lines.find((line) => line[0] === 'delivered' && line[1] === name && line[3] === hash)?.[2];
  }
  begin(message) { if (!this.mayBeStored) this.write('sending', message); }
  write(state, { name, hash }, receipt) {
    const open = fs.openSync(this.file, 'a', 0o600);
    this.lines.push([state, name, receipt ?? '', hash]);
    fs.writeSync(open, `${this.last.join('\t')}\n`);
    fs.fsyncSync(open);
    fs.closeSync(open);
  }
}

function read(file, type, version) { // § 4: UTF-8 without a byte order mark, and an array
  const raw = fs.readFileSync(file), name = path.basename(file);
  const content = raw.subarray(raw.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0);
  const whole = Buffer.from(content.toString()).equals(content);
  if (!whole || !Array.isArray(json(content.toString()))) throw new Stop(12, `${name}: not a JSON array in UTF-8`);
  const day = fs.statSync(file).mtime.toLocaleDateString('de-DE', { day: '2-digit', month: '2-digit', year: 'numeric' });
  return { name, content, hash: sha256(content), type, version, date: day }; // the extraction wrote the file
}

async function main([configFile, ...files]) {
  const [type, version] = files.splice(-2);
  if (!files.length) throw new Stop(2, 'node send.mjs CLIENT.JSON MESSAGE... TYPE VERSION');
  const config = json(fs.readFileSync(configFile, 'utf8')), signer = new Signer(config.helseid.private_jwk);
  const receiver = new Receiver(config.mottak.base_url, new HelseId(config.helseid, signer), signer);
  const journal = new Journal(path.join(path.dirname(files[0]), 'sent.log'));
  for (const file of files) {
    const message = read(file, type, version), earlier = journal.receipt(message);
    if (!earlier && journal.mayBeStored && journal.last[3] !== message.hash)
      throw new Stop(12, `${message.name}: ${journal.last[1]} may have been stored; the same content goes first`);
    const receipt = earlier ?? await deliver(message, receiver, journal);
    if (!earlier) journal.write('delivered', message, receipt);
    console.log(`${message.name}\t${receipt}${earlier ? '\t(earlier)' : ''}`);
  }
}

main(process.argv.slice(2)).catch((fault) => {
  console.error(fault instanceof Stop ? fault.message : `cannot go on: ${fault.code ?? fault.name}`);
  process.exitCode = fault.exitCode ?? 2;
});
