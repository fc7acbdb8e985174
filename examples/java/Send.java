// Sends messages to FHI's receiving service, in the order in which they are given. Java 17 or newer, no dependencies.
//
//   java Send.java CLIENT.JSON MESSAGE... TYPE VERSION          java Send.java client.json outbox/*.json KTT_Tjeneste 1
//
// Exit code: 0 all is delivered; 2 wrong use; 12 a message was rejected; 14 a temporary fault, run it again later; 15 token
// or proof was not accepted. § is a section of docs/reference/protocol/transport.md, helseid § of helseid.md.
import java.io.IOException;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.security.*;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.*;
import java.time.*;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.regex.Pattern;
import java.util.stream.*;
import javax.crypto.Cipher;
import javax.crypto.spec.*;

import static java.nio.charset.StandardCharsets.*;

public class Send {
  // § 6: change these to your own. Printable ASCII, 1 to 100 characters.
  static final Map<String, String> SOFTWARE = Map.of("x-vendor-name", "Eksempel AS", "x-software-name", "Eksempel-EPJ",
      "x-software-version", "1.0", "x-export-software-version", "java-1");
  static final int TRIES = 4, FIRST_WAIT = 1, LONGEST_WAIT = 30, ANSWER_WITHIN = 40; // § 10.1, § 15; seconds
  static final int LARGEST_BODY = 15_000_000; // § 10 rule 8c; bytes
  static final int TOKEN_MARGIN = 10; // helseid § 2 FK3; seconds before its end that a token is no longer used
  static final Map<String, Long> CODES = Map.of( // § 8: treated in a way of their own; the name decides before the number
      "InvalidKeyId", 1004L, "PayloadHashMismatch", 1006L, "ExpiredKey", 1007L, "DecryptionErrorForAsymmetricalKey", 1008L,
      "DecryptionErrorForSymmetricalKey", 1009L, "SchemaNotFound", 2006L, "InvalidJsonMessage", 2007L,
      "SchemaValidationFailed", 2008L, "PayloadSizeLimitExceeded", 2009L, "StorageError", 2010L);
  static final List<Long> OTHER_ENVELOPE = List.of(1004L, 1006L, 1007L, 1008L, 1009L); // § 10.1
  static final List<Long> CONTENT = List.of(2006L, 2007L, 2008L, 2009L);

  static class Stop extends RuntimeException { // ends the run with an exit code
    final int exitCode;
    Stop(int exitCode, String text) { super(text); this.exitCode = exitCode; }
  }
  record Answer(int status, HttpHeaders headers, String body) {
    Map<?, ?> members() { return json(body) instanceof Map<?, ?> found ? found : Map.of(); }
    Optional<String> header(String name) { return headers.firstValue(name); }
  }
  record Key(String id, Instant expires, PublicKey publicKey) {}
  record Message(String name, byte[] content, String hash, String type, String version, String date) {}
  enum Kind { DELIVERED, NONCE, TOKEN, KEYS, LATER, UNKNOWN, REJECTED }
  record Seen(Kind kind, String receipt, List<Long> codes, String text, double delay) {}

  static String base64url(byte[] bytes) { return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes); }
  static byte[] random(int size) { var bytes = new byte[size]; new SecureRandom().nextBytes(bytes); return bytes; }
  static long now() { return Instant.now().getEpochSecond(); }
  static String hidden(String text) { return text.replaceAll("\\d{5,}|\"[^\"]*\\d[^\"]*\"", "…"); } // may be a person's
  static String sha256(byte[] bytes) throws Exception {
    return base64url(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
  static URI address(String text) { // § 14.4: https, or http to this machine; one value for the call and for htu (§ 12.2)
    var url = URI.create(text);
    var local = List.of("127.0.0.1", "localhost", "[::1]").contains(String.valueOf(url.getHost()).toLowerCase());
    if (local || "https".equalsIgnoreCase(url.getScheme())) return url;
    throw new Stop(2, url.getAuthority() + " is neither https nor this machine");
  }

  static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(Duration.ofSeconds(10)).build(); // § 15
  static Answer call(HttpRequest.Builder request) throws Exception {
    var answer = HTTP.send(request.timeout(Duration.ofSeconds(ANSWER_WITHIN)).build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(answer.statusCode(), answer.headers(), answer.body());
  }
  static Answer get(String url) throws Exception { return call(HttpRequest.newBuilder(address(url))); }

  static class Signer { // helseid § 3, § 5, § 13: the client's key signs assertions and proofs
    final Map<?, ?> jwk;
    final String alg;
    final PrivateKey key;
    Signer(Map<?, ?> jwk) throws Exception {
      this.jwk = jwk;
      alg = jwk.get("alg") instanceof String named ? named : "RS256";
      if (!alg.matches("[RP]S(256|384|512)")) throw new Stop(2, "the key's algorithm " + alg + " is not for RSA");
      key = KeyFactory.getInstance("RSA").generatePrivate(new RSAPrivateKeySpec(number("n"), number("d")));
    }
    BigInteger number(String name) { return new BigInteger(1, Base64.getUrlDecoder().decode((String) jwk.get(name))); }
    String sign(Map<String, Object> header, Map<String, Object> claims) throws Exception {
      header.put("alg", alg);
      var text = base64url(write(header).getBytes(UTF_8)) + "." + base64url(write(claims).getBytes(UTF_8));
      var bits = alg.substring(2);
      var signature = Signature.getInstance(alg.startsWith("P") ? "RSASSA-PSS" : "SHA" + bits + "withRSA");
      if (alg.startsWith("P")) signature.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1",
          new MGF1ParameterSpec("SHA-" + bits), Integer.parseInt(bits) / 8, 1));
      signature.initSign(key);
      signature.update(text.getBytes(US_ASCII));
      return text + "." + base64url(signature.sign());
    }
    String proof(URI url, Map<String, Object> claims) throws Exception { // § 5: always new, and made last
      var shown = map("kty", jwk.get("kty"), "n", jwk.get("n"), "e", jwk.get("e"));
      var all = map("jti", base64url(random(16)), "htm", "POST", "htu", url.toString(), "iat", now());
      all.putAll(claims);
      return sign(map("typ", "dpop+jwt", "jwk", shown), all);
    }
  }

  static class HelseId {
    final Signer signer;
    final String authority, clientId, scope;
    String held, nonce, issuer;
    URI endpoint;
    long until;
    HelseId(Map<?, ?> config, Signer signer) {
      this.signer = signer;
      authority = ((String) config.get("authority")).replaceAll("/+$", "");
      clientId = (String) config.get("client_id");
      scope = (String) config.get("scope");
    }
    String token() throws Exception { // helseid § 4: asked for once more when a nonce is demanded, not twice
      if (held != null && now() < until) return held; // helseid § 2 FK3
      if (endpoint == null) discover();
      var asked = now();
      var answer = request();
      if ("use_dpop_nonce".equals(answer.members().get("error")) && nonce != null) answer = request();
      var found = answer.members();
      if (List.of(400, 401, 403).contains(answer.status)) throw new Stop(15, "HelseID: " + hidden("" + found.get("error")));
      if (answer.status != 200 || !(found.get("access_token") instanceof String token))
        throw new IOException("HelseID: no token (HTTP " + answer.status + ")");
      if (!"dpop".equalsIgnoreCase("" + found.get("token_type"))) throw new Stop(15, "HelseID: the token is not bound");
      until = asked + (found.get("expires_in") instanceof Number lives ? lives.longValue() : 0) - TOKEN_MARGIN;
      return held = token;
    }
    void discover() throws Exception { // helseid § 1
      var answer = get(authority + "/.well-known/openid-configuration");
      if (answer.status != 200 || !(answer.members().get("token_endpoint") instanceof String found))
        throw new IOException("HelseID: no discovery (HTTP " + answer.status + ")");
      issuer = "" + answer.members().get("issuer");
      var elsewhere = !URI.create(found).resolve("/").equals(URI.create(authority).resolve("/"));
      if (elsewhere || !issuer.replaceAll("/+$", "").equals(authority)) throw new Stop(15, "HelseID: another issuer");
      endpoint = address(found);
    }
    Answer request() throws Exception { // helseid § 4, § 5: a new assertion and a new proof in each request
      var header = map("typ", "client-authentication+jwt");
      if (jwk("kid") != null) header.put("kid", jwk("kid"));
      var assertion = signer.sign(header, map("iss", clientId, "sub", clientId, "aud", issuer, "jti", base64url(random(16)),
          "iat", now(), "nbf", now(), "exp", now() + 30)); // a multi-tenant client adds assertion_details, helseid § 6
      var form = map("grant_type", "client_credentials", "client_id", clientId, "scope", scope, "client_assertion", assertion,
          "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      var body = form.entrySet().stream().map(one -> one.getKey() + "=" + URLEncoder.encode("" + one.getValue(), UTF_8));
      var proof = signer.proof(endpoint, nonce == null ? map() : map("nonce", nonce));
      var answer = call(HttpRequest.newBuilder(endpoint).header("Content-Type", "application/x-www-form-urlencoded")
          .header("DPoP", proof).POST(HttpRequest.BodyPublishers.ofString(body.collect(Collectors.joining("&")))));
      nonce = answer.header("DPoP-Nonce").orElse(nonce);
      return answer;
    }
    Object jwk(String name) { return signer.jwk.get(name); }
  }

  static class Receiver {
    final HelseId helseid;
    final String base;
    Key held;
    String nonce;
    Instant until;
    Receiver(String base, HelseId helseid) { this.base = base.replaceAll("/+$", ""); this.helseid = helseid; }
    Key key() throws Exception { // § 3.3: the unexpired RSA key that expires last, the first one of equals
      if (held != null && Instant.now().isBefore(until)) return held;
      var answer = get(base + "/keys");
      if (answer.status != 200 || !(json(answer.body) instanceof List<?> listed))
        throw new IOException("keys: no list (HTTP " + answer.status + ")");
      held = listed.stream().flatMap(Send::usable).filter(one -> one.expires.isAfter(Instant.now()))
          .reduce((best, one) -> one.expires.isAfter(best.expires) ? one : best)
          .orElseThrow(() -> new IOException("keys: none that can be used"));
      var control = answer.header("Cache-Control").orElse("");
      var age = Pattern.compile("max-age=(\\d{1,9})").matcher(control);
      var seconds = control.matches(".*(no-store|no-cache).*") ? 0 : age.find() ? Long.parseLong(age.group(1)) : 300;
      var kept = Instant.now().plusSeconds(seconds);
      until = kept.isBefore(held.expires) ? kept : held.expires;
      return held;
    }
    Answer post(Message message, Runnable begin) throws Exception { // § 2: keys, envelope, token, and the proof last
      var key = key();
      byte[] secret = random(32), iv = random(16); // § 4: new every time
      var aes = Cipher.getInstance("AES/CBC/PKCS5Padding"); // Java's name of PKCS7
      aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(secret, "AES"), new IvParameterSpec(iv));
      var sealed = aes.doFinal(message.content);
      var body = Base64.getEncoder().encodeToString(ByteBuffer.allocate(16 + sealed.length).put(iv).put(sealed).array());
      if (body.length() >= LARGEST_BODY) throw new Stop(12, message.name + ": too large, divide it");
      var rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
      var oaep = new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
      rsa.init(Cipher.ENCRYPT_MODE, key.publicKey, oaep);
      var token = helseid.token();
      var claims = map("ath", sha256(token.getBytes(US_ASCII)), "msg_type", message.type, "msg_version", message.version,
          "msg_hash", message.hash, "enc_sym_key", base64url(rsa.doFinal(secret)), "enc_key_id", key.id);
      if (nonce != null) claims.put("nonce", nonce);
      var url = address(base + "/message");
      var request = HttpRequest.newBuilder(url).header("Authorization", "DPoP " + token) // § 6
          .header("DPoP", helseid.signer.proof(url, claims)).header("Content-Type", "text/plain; charset=utf-8")
          .header("x-data-extraction-date", message.date).POST(HttpRequest.BodyPublishers.ofString(body));
      SOFTWARE.forEach(request::header);
      begin.run();
      var answer = call(request);
      nonce = answer.header("DPoP-Nonce").orElse(nonce);
      return answer;
    }
  }

  static Stream<Key> usable(Object listed) { // § 3.2, § 3.3
    try {
      var members = (Map<?, ?>) listed;
      var pem = ((String) members.get("publicKey")).replaceAll("-----[A-Z ]+-----|\\s", "");
      var key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem)));
      var text = (String) members.get("expirationDate");
      var expires = OffsetDateTime.parse(text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$") ? text : text + "Z").toInstant();
      var fit = ((RSAPublicKey) key).getModulus().bitLength() >= 2048;
      return fit ? Stream.of(new Key((String) members.get("id"), expires, key)) : Stream.empty();
    } catch (GeneralSecurityException | RuntimeException fault) { return Stream.empty(); }
  }

  static Seen judge(Answer answer) { // § 10.1: status, header and body together
    int status = answer.status;
    var errors = answer.members().get("errors") instanceof List<?> listed ? listed : List.of();
    var codes = errors.stream().flatMap(one -> one instanceof Map<?, ?> error ? Stream.of(error) : Stream.empty()).map(error -> {
      var name = Pattern.compile("^Error: (\\w+)").matcher("" + error.get("errorMessage"));
      var number = error.get("errorCode") instanceof Long code ? code : 0L;
      return name.find() ? CODES.getOrDefault(name.group(1), number) : number;
    }).toList();
    var receipt = answer.header("X-Correlation-ID").filter(value -> !value.isEmpty()).orElse(null);
    var delivered = Boolean.TRUE.equals(answer.members().get("delivered"));
    var nonce = answer.header("WWW-Authenticate").orElse("").contains("use_dpop_nonce")
        && answer.header("DPoP-Nonce").isPresent();
    var temporary = status < 400 || status >= 500 || status == 408 || status == 425 || codes.contains(2010L);
    var kind = (status == 200 || status == 201) && delivered && receipt != null ? Kind.DELIVERED
        : status == 401 || status == 403 ? (nonce ? Kind.NONCE : Kind.TOKEN)
        : status == 429 ? Kind.LATER
        : temporary || delivered ? Kind.UNKNOWN // it may have been stored
        : codes.stream().anyMatch(OTHER_ENVELOPE::contains) ? Kind.KEYS : Kind.REJECTED;
    var wait = answer.header("Retry-After").filter(value -> value.matches("\\d{1,6}")).map(Double::valueOf).orElse(0.0);
    var text = errors.stream().map(Send::described).collect(Collectors.joining("", "HTTP " + status, ""));
    return new Seen(kind, receipt, codes, text, wait);
  }

  static String described(Object error) { // § 7: details are a text that holds JSON
    if (!(error instanceof Map<?, ?> members)) return "";
    var places = json("" + members.get("errorDetails")) instanceof List<?> listed ? listed : List.of();
    var lines = places.stream().flatMap(one -> one instanceof Map<?, ?> at ? Stream.of(at) : Stream.empty())
        .map(at -> "\n    " + at.get("Location") + ": " + at.get("Errors"));
    return hidden("\n  " + members.get("errorMessage") + lines.collect(Collectors.joining()));
  }

  static Seen attempt(Message message, Receiver receiver, Journal journal) { // one new envelope and one new proof
    var begun = new boolean[1];
    try {
      return judge(receiver.post(message, () -> { begun[0] = true; journal.begin(message); }));
    } catch (Stop stop) {
      throw stop;
    } catch (IOException fault) { // nothing was stored when no connection was made
      var kind = begun[0] && !(fault instanceof ConnectException) ? Kind.UNKNOWN : Kind.LATER;
      return new Seen(kind, null, List.of(), fault.getClass().getSimpleName() + " " + hidden("" + fault.getMessage()), 0);
    } catch (Exception fault) {
      throw new Stop(2, "cannot go on: " + fault.getClass().getSimpleName());
    }
  }

  static String deliver(Message message, Receiver receiver, Journal journal) throws InterruptedException { // § 10.1
    var remedies = new HashMap<Kind, Runnable>(Map.of(Kind.NONCE, () -> {}, Kind.TOKEN, () -> receiver.helseid.held = null,
        Kind.KEYS, () -> receiver.held = null));
    var uncertain = journal.mayBeStored();
    for (int tried = 1; ;) {
      var seen = attempt(message, receiver, journal);
      if (seen.kind == Kind.DELIVERED) return seen.receipt;
      uncertain |= seen.kind == Kind.UNKNOWN;
      var remedy = remedies.remove(seen.kind); // each at most once
      if (remedy != null) {
        remedy.run();
      } else if (seen.kind == Kind.LATER || seen.kind == Kind.UNKNOWN) {
        var pause = Math.min(LONGEST_WAIT, FIRST_WAIT * Math.pow(2, tried - 1)) * (0.5 + Math.random() / 2);
        var wait = Math.max(seen.delay, pause);
        if (tried++ >= TRIES || wait > LONGEST_WAIT) throw new Stop(14, message.name + ": not confirmed. " + seen.text);
        Thread.sleep((long) (wait * 1000));
      } else {
        if (!uncertain || seen.codes.stream().anyMatch(CONTENT::contains)) journal.write("rejected", message, seen.receipt);
        var exitCode = seen.kind == Kind.TOKEN || seen.kind == Kind.NONCE ? 15 : 12;
        throw new Stop(exitCode, message.name + ": not accepted, receipt " + seen.receipt + ". " + seen.text);
      }
    }
  }

  // What has happened, a line each: state, file name, receipt, hash. It is on the disk before the next step is taken, so that
  // a run that was cut off anywhere goes on in order when it is started again (§ 10 rules 2 and 3).
  static class Journal {
    final Path file;
    final List<String[]> lines = new ArrayList<>();
    Journal(Path file) throws IOException {
      this.file = file;
      var text = Files.exists(file) ? Files.readString(file) : "";
      if (!text.isEmpty() && !text.endsWith("\n")) append("\n"); // the machine stopped in the middle of a line
      for (var line : text.split("\n")) {
        var parts = line.split("\t", -1);
        if (parts.length == 4 && parts[3].length() == 43) lines.add(parts);
      }
    }
    String[] last() { return lines.isEmpty() ? new String[4] : lines.get(lines.size() - 1); }
    boolean mayBeStored() { return "sending".equals(last()[0]); }
    String receipt(Message message) {
      return lines.stream().filter(one -> one[0].equals("delivered") && one[1].equals(message.name))
          .filter(one -> one[3].equals(message.hash)).map(one -> one[2]).findFirst().orElse(null);
    }
    void begin(Message message) { if (!mayBeStored()) write("sending", message, ""); }
    void write(String state, Message message, String receipt) {
      lines.add(new String[] {state, message.name, receipt == null ? "" : receipt, message.hash});
      try { append(String.join("\t", last()) + "\n"); } catch (IOException fault) { throw new Stop(2, "cannot write " + file); }
    }
    void append(String text) throws IOException {
      try (var open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        file.toFile().setReadable(false, false);
        file.toFile().setReadable(true, true);
        open.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
        open.force(true);
      }
    }
  }

  static Message read(String file, String type, String version) throws Exception { // § 4: UTF-8 without mark, an array
    var name = Path.of(file).getFileName().toString();
    var raw = Files.readAllBytes(Path.of(file));
    var marked = raw.length > 2 && (raw[0] & 0xff) == 0xef && (raw[1] & 0xff) == 0xbb && (raw[2] & 0xff) == 0xbf;
    var content = Arrays.copyOfRange(raw, marked ? 3 : 0, raw.length);
    var text = new String(content, UTF_8);
    if (!Arrays.equals(text.getBytes(UTF_8), content) || !(json(text) instanceof List))
      throw new Stop(12, name + ": not a JSON array in UTF-8");
    var day = Files.getLastModifiedTime(Path.of(file)).toInstant().atZone(ZoneId.systemDefault()); // the extraction wrote it
    return new Message(name, content, sha256(content), type, version, day.format(DateTimeFormatter.ofPattern("dd.MM.yyyy")));
  }

  static void run(List<String> words) throws Exception {
    if (words.size() < 4) throw new Stop(2, "java Send.java CLIENT.JSON MESSAGE... TYPE VERSION");
    var config = (Map<?, ?>) json(Files.readString(Path.of(words.get(0))));
    var files = words.subList(1, words.size() - 2);
    var helseid = (Map<?, ?>) config.get("helseid");
    var signer = new Signer((Map<?, ?>) helseid.get("private_jwk"));
    var receiver = new Receiver((String) ((Map<?, ?>) config.get("mottak")).get("base_url"), new HelseId(helseid, signer));
    var journal = new Journal(Path.of(files.get(0)).resolveSibling("sent.log"));
    for (var file : files) {
      var message = read(file, words.get(words.size() - 2), words.get(words.size() - 1));
      var earlier = journal.receipt(message);
      if (earlier == null && journal.mayBeStored() && !journal.last()[3].equals(message.hash))
        throw new Stop(12, message.name + ": " + journal.last()[1] + " may have been stored; the same content goes first");
      var receipt = earlier != null ? earlier : deliver(message, receiver, journal);
      if (earlier == null) journal.write("delivered", message, receipt);
      System.out.println(message.name + "\t" + receipt + (earlier != null ? "\t(earlier)" : ""));
    }
  }

  public static void main(String[] words) {
    try {
      run(List.of(words));
    } catch (Stop stop) {
      System.err.println(stop.getMessage());
      System.exit(stop.exitCode);
    } catch (Exception fault) {
      System.err.println("cannot go on: " + fault.getClass().getSimpleName());
      System.exit(2);
    }
  }

  // JSON, which the JDK lacks. Use the library that your program already has instead. Null is also what cannot be read.
  static Map<String, Object> map(Object... pairs) {
    var made = new LinkedHashMap<String, Object>();
    for (int at = 0; at < pairs.length; at += 2) made.put((String) pairs[at], pairs[at + 1]);
    return made;
  }
  static String write(Object value) {
    if (value instanceof Map<?, ?> members) return members.entrySet().stream()
        .map(one -> write(one.getKey()) + ":" + write(one.getValue())).collect(Collectors.joining(",", "{", "}"));
    if (value instanceof String text) return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    return String.valueOf(value);
  }
  static Object json(String text) {
    try {
      var reader = new Json(text);
      var value = reader.value();
      return reader.end() ? value : null;
    } catch (RuntimeException fault) { return null; }
  }
  static class Json {
    static final Pattern TOKEN = Pattern.compile("\\s*([\\[\\]{}:,]|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\""
        + "|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null)\\s*");
    final String text;
    int at;
    Json(String text) { this.text = text; }
    boolean end() { return at == text.length(); }
    String next() {
      var found = TOKEN.matcher(text).region(at, text.length());
      if (!found.lookingAt()) throw new IllegalArgumentException();
      at = found.end();
      return found.group(1);
    }
    boolean skip(char sign) {
      var there = at < text.length() && text.charAt(at) == sign;
      if (there) next();
      return there;
    }
    void must(char sign) { if (!skip(sign)) throw new IllegalArgumentException(); }
    Object value() {
      var token = next();
      if (token.equals("{")) {
        var members = new LinkedHashMap<String, Object>();
        while (!skip('}')) {
          if (!members.isEmpty()) must(',');
          var name = (String) value();
          must(':');
          members.put(name, value());
        }
        return members;
      }
      if (token.equals("[")) {
        var items = new ArrayList<Object>();
        while (!skip(']')) {
          if (!items.isEmpty()) must(',');
          items.add(value());
        }
        return items;
      }
      if (token.startsWith("\"")) return unescaped(token.substring(1, token.length() - 1));
      if (token.matches("true|false")) return token.equals("true");
      if (token.equals("null")) return null;
      return token.matches("-?\\d{1,18}") ? (Object) Long.valueOf(token) : Double.valueOf(token);
    }
    static String unescaped(String text) {
      return Pattern.compile("\\\\(u([0-9a-fA-F]{4})|.)").matcher(text).replaceAll(found -> {
        var sign = found.group(1).charAt(0);
        var at = "nrtbf".indexOf(sign);
        var meant = at >= 0 ? "\n\r\t\b\f".charAt(at) : sign;
        if (found.group(2) != null) meant = (char) Integer.parseInt(found.group(2), 16);
        return java.util.regex.Matcher.quoteReplacement(String.valueOf(meant));
      });
    }
  }
}
