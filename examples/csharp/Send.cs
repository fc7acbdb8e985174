// Sends messages to FHI's receiving service, in the order in which they are given. .NET 8 or newer, no packages.
//
//   dotnet run --project examples/csharp -- CLIENT.JSON MESSAGE... TYPE VERSION
//
// Exit code: 0 all is delivered; 2 wrong use; 12 a message was rejected; 14 a temporary fault, run it again later; 15 token
// or proof was not accepted. § is a section of docs/reference/protocol/transport.md, helseid § of helseid.md.
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

try { await Sending.Run(args); return 0; }
catch (Stop stop) { Console.Error.WriteLine(stop.Message); return stop.ExitCode; }
catch (Exception fault) { Console.Error.WriteLine($"cannot go on: {fault.GetType().Name}"); return 2; }

class Stop(int exitCode, string text) : Exception(text) { public int ExitCode => exitCode; } // ends the run
class Temporary(string text) : Exception(text); // nothing was stored
record Answer(int Status, HttpResponseHeaders Headers, string Body)
{
    public JsonObject Members => Its.Json(Body) as JsonObject ?? new JsonObject();
    public string? Header(string name) => Headers.TryGetValues(name, out var found) ? found.Last() : null;
}
record ReceiverKey(string Id, DateTimeOffset Expires, RSA PublicKey);
record Message(string Name, byte[] Content, string Hash, string Type, string Version, string Date);
enum Kind { Delivered, Nonce, Token, Keys, Later, Unknown, Rejected }
record Seen(Kind Kind, string Text, string? Receipt = null, long[]? Codes = null, double Wait = 0);

static class Its
{
    // § 6: change these to your own. Printable ASCII, 1 to 100 characters.
    public static readonly Dictionary<string, string> Software = new() { ["x-vendor-name"] = "Eksempel AS",
        ["x-software-name"] = "Eksempel-EPJ", ["x-software-version"] = "1.0", ["x-export-software-version"] = "csharp-1" };
    public const int Tries = 4, FirstWait = 1, LongestWait = 30, AnswerWithin = 40; // § 10.1, § 15; seconds
    public const int LargestBody = 15_000_000; // § 10 rule 8c; bytes
    public const int TokenMargin = 10; // helseid § 2 FK3; seconds before its end that a token is no longer used
    public static readonly Dictionary<string, long> Codes = new() { // § 8: the name decides before the number
        ["InvalidKeyId"] = 1004, ["PayloadHashMismatch"] = 1006, ["ExpiredKey"] = 1007,
        ["DecryptionErrorForAsymmetricalKey"] = 1008, ["DecryptionErrorForSymmetricalKey"] = 1009, ["SchemaNotFound"] = 2006,
        ["InvalidJsonMessage"] = 2007, ["SchemaValidationFailed"] = 2008, ["PayloadSizeLimitExceeded"] = 2009,
        ["StorageError"] = 2010 };
    public static readonly long[] OtherEnvelope = [1004, 1006, 1007, 1008, 1009], Content = [2006, 2007, 2008, 2009]; // § 10.1

    static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10) }) { Timeout = TimeSpan.FromSeconds(AnswerWithin) }; // § 15
    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    public static byte[] FromBase64Url(string text) =>
        Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
    public static string Sha256(byte[] bytes) => Base64Url(SHA256.HashData(bytes));
    public static string NewId() => Base64Url(RandomNumberGenerator.GetBytes(16));
    public static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    public static byte[] Utf8(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString(Plain));
    public static string Hidden(string text) => Regex.Replace(text, "\\d{5,}|\"[^\"]*\\d[^\"]*\"", "…"); // may be a person's
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    public static JsonNode? Json(string? text)
    {
        try { return text is null ? null : JsonNode.Parse(text); } catch (JsonException) { return null; }
    }
    public static Uri Address(string text) // § 14.4: https, or http to this machine; one value for the call and for htu (§ 12.2)
    {
        var url = new Uri(text);
        var local = url.Host is "127.0.0.1" or "localhost" or "[::1]"; // Uri.IsLoopback does not know LOCALHOST in capitals
        return url.Scheme == "https" || local ? url : throw new Stop(2, $"{url.Authority} is neither https nor this machine");
    }
    public static async Task<Answer> Call(HttpRequestMessage request)
    {
        using var answer = await Http.SendAsync(request);
        return new Answer((int)answer.StatusCode, answer.Headers, await answer.Content.ReadAsStringAsync());
    }
    public static Task<Answer> Get(string url) => Call(new HttpRequestMessage(HttpMethod.Get, Address(url)));
}

class Signer // helseid § 3, § 5, § 13: the client's key signs assertions and proofs
{
    public readonly JsonObject Jwk;
    readonly string alg;
    readonly RSA key;
    public Signer(JsonObject jwk)
    {
        Jwk = jwk;
        alg = Its.Text(jwk["alg"]) ?? "RS256";
        if (!Regex.IsMatch(alg, "^[RP]S(256|384|512)$")) throw new Stop(2, $"the key's algorithm {alg} is not for RSA");
        var size = Part("n").Length;
        byte[] Padded(string name, int length) { var part = Part(name); return [.. new byte[length - part.Length], .. part]; }
        var half = (size + 1) / 2;
        key = RSA.Create(new RSAParameters { Modulus = Part("n"), Exponent = Part("e"), D = Padded("d", size),
            P = Padded("p", half), Q = Padded("q", half), DP = Padded("dp", half), DQ = Padded("dq", half),
            InverseQ = Padded("qi", half) });
    }
    byte[] Part(string name) => Its.FromBase64Url((string)Jwk[name]!);
    public string Sign(JsonObject header, JsonObject claims)
    {
        header["alg"] = alg;
        var text = $"{Its.Base64Url(Its.Utf8(header))}.{Its.Base64Url(Its.Utf8(claims))}";
        var padding = alg[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return $"{text}.{Its.Base64Url(key.SignData(Encoding.ASCII.GetBytes(text), new HashAlgorithmName($"SHA{alg[2..]}"), padding))}";
    }
    public string Proof(Uri url, JsonObject claims) // § 5: always new, and made last
    {
        var shown = new JsonObject { ["kty"] = "RSA", ["n"] = (string)Jwk["n"]!, ["e"] = (string)Jwk["e"]! };
        claims["jti"] = Its.NewId();
        claims["htm"] = "POST";
        claims["htu"] = url.AbsoluteUri;
        claims["iat"] = Its.Now();
        return Sign(new JsonObject { ["typ"] = "dpop+jwt", ["jwk"] = shown }, claims);
    }
}

class HelseId(JsonObject config, Signer signer)
{
    readonly string authority = ((string)config["authority"]!).TrimEnd('/'), clientId = (string)config["client_id"]!;
    string? held, nonce, issuer;
    Uri? endpoint;
    long until;
    public void Forget() => held = null;
    public async Task<string> Token() // helseid § 4: asked for once more when a nonce is demanded, not twice
    {
        if (held is not null && Its.Now() < until) return held; // helseid § 2 FK3
        if (endpoint is null) await Discover();
        var asked = Its.Now();
        var answer = await Request();
        if (Its.Text(answer.Members["error"]) == "use_dpop_nonce" && nonce is not null) answer = await Request();
        var found = answer.Members;
        if (answer.Status is 400 or 401 or 403) throw new Stop(15, $"HelseID: {Its.Hidden(Its.Text(found["error"]) ?? "refused")}");
        if (answer.Status != 200 || Its.Text(found["access_token"]) is not { } token)
            throw new Temporary($"HelseID: no token (HTTP {answer.Status})");
        if (Its.Text(found["token_type"])?.ToLowerInvariant() != "dpop") throw new Stop(15, "HelseID: the token is not bound");
        until = asked + (found["expires_in"] is JsonValue lives && lives.TryGetValue<long>(out var s) ? s : 0) - Its.TokenMargin;
        return held = token;
    }
    async Task Discover() // helseid § 1
    {
        var answer = await Its.Get($"{authority}/.well-known/openid-configuration");
        issuer = Its.Text(answer.Members["issuer"]);
        if (answer.Status != 200 || issuer is null || Its.Text(answer.Members["token_endpoint"]) is not { } found)
            throw new Temporary($"HelseID: no discovery (HTTP {answer.Status})");
        var same = new Uri(found).GetLeftPart(UriPartial.Authority) == new Uri(authority).GetLeftPart(UriPartial.Authority);
        if (!same || issuer.TrimEnd('/') != authority) throw new Stop(15, "HelseID: another issuer");
        endpoint = Its.Address(found);
    }
    async Task<Answer> Request() // helseid § 4, § 5: a new assertion and a new proof in each request
    {
        var header = new JsonObject { ["typ"] = "client-authentication+jwt" };
        if (Its.Text(signer.Jwk["kid"]) is { } kid) header["kid"] = kid;
        var assertion = signer.Sign(header, new JsonObject { ["iss"] = clientId, ["sub"] = clientId, ["aud"] = issuer,
            ["jti"] = Its.NewId(), ["iat"] = Its.Now(), ["nbf"] = Its.Now(), ["exp"] = Its.Now() + 30 });
        var form = new FormUrlEncodedContent(new Dictionary<string, string> { // a multi-tenant client: see helseid § 6
            ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["scope"] = (string)config["scope"]!,
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = assertion });
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = form };
        request.Headers.Add("DPoP", signer.Proof(endpoint!, nonce is null ? new JsonObject() : new JsonObject { ["nonce"] = nonce }));
        var answer = await Its.Call(request);
        nonce = answer.Header("DPoP-Nonce") ?? nonce;
        return answer;
    }
}

class Receiver(string address, HelseId helseid, Signer signer)
{
    readonly string url = address.TrimEnd('/');
    ReceiverKey? held;
    string? nonce;
    DateTimeOffset until;
    public HelseId HelseId => helseid;
    public void ForgetKey() => held = null;
    async Task<ReceiverKey> Key() // § 3.3: the unexpired RSA key that expires last, the first one of equals
    {
        if (held is not null && DateTimeOffset.UtcNow < until) return held;
        var answer = await Its.Get($"{url}/keys");
        if (answer.Status != 200 || Its.Json(answer.Body) is not JsonArray listed)
            throw new Temporary($"keys: no list (HTTP {answer.Status})");
        held = listed.Select(Usable).OfType<ReceiverKey>().Where(one => one.Expires > DateTimeOffset.UtcNow)
            .MaxBy(one => one.Expires) ?? throw new Temporary("keys: none that can be used");
        var control = answer.Header("Cache-Control") ?? "";
        var age = Regex.Match(control, "max-age=(\\d{1,9})") is { Success: true } match ? long.Parse(match.Groups[1].Value) : 300;
        var kept = DateTimeOffset.UtcNow.AddSeconds(Regex.IsMatch(control, "no-store|no-cache") ? 0 : age);
        until = kept < held.Expires ? kept : held.Expires;
        return held;
    }
    static ReceiverKey? Usable(JsonNode? listed) // § 3.2, § 3.3
    {
        try
        {
            var key = RSA.Create();
            key.ImportFromPem((string)listed!["publicKey"]!);
            var expires = DateTimeOffset.Parse((string)listed["expirationDate"]!, System.Globalization.CultureInfo.InvariantCulture,
                System.Globalization.DateTimeStyles.AssumeUniversal);
            return key.KeySize >= 2048 ? new ReceiverKey((string)listed["id"]!, expires, key) : null;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or CryptographicException
            or InvalidOperationException or NullReferenceException) { return null; }
    }
    public async Task<Answer> Post(Message message, Action begin) // § 2: keys, envelope, token, and the proof last
    {
        var key = await Key();
        byte[] secret = RandomNumberGenerator.GetBytes(32), iv = RandomNumberGenerator.GetBytes(16); // § 4: new every time
        using var aes = Aes.Create();
        aes.Key = secret;
        var body = Convert.ToBase64String([.. iv, .. aes.EncryptCbc(message.Content, iv, PaddingMode.PKCS7)]);
        if (body.Length >= Its.LargestBody) throw new Stop(12, $"{message.Name}: too large, divide it");
        var token = await helseid.Token();
        var claims = new JsonObject { ["ath"] = Its.Sha256(Encoding.ASCII.GetBytes(token)), ["msg_type"] = message.Type,
            ["msg_version"] = message.Version, ["msg_hash"] = message.Hash, ["enc_key_id"] = key.Id,
            ["enc_sym_key"] = Its.Base64Url(key.PublicKey.Encrypt(secret, RSAEncryptionPadding.OaepSHA256)) };
        if (nonce is not null) claims["nonce"] = nonce;
        var target = Its.Address($"{url}/message");
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StringContent(body, Encoding.UTF8, "text/plain") };
        request.Headers.Add("Authorization", $"DPoP {token}"); // § 6
        request.Headers.Add("DPoP", signer.Proof(target, claims));
        foreach (var (name, value) in Its.Software) request.Headers.Add(name, value);
        request.Headers.Add("x-data-extraction-date", message.Date);
        begin();
        var answer = await Its.Call(request);
        nonce = answer.Header("DPoP-Nonce") ?? nonce;
        return answer;
    }
}

class Journal // a line each: state, file name, receipt, hash; on the disk before the next step is taken (§ 10 rules 2 and 3)
{
    readonly string file;
    readonly List<string[]> lines;
    public Journal(string file)
    {
        this.file = file;
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        if (text.Length > 0 && !text.EndsWith('\n')) File.AppendAllText(file, "\n"); // the machine stopped in a line
        lines = text.Split('\n').Select(line => line.Split('\t')).Where(line => line.Length == 4 && line[3].Length == 43).ToList();
    }
    public string[] Last => lines.LastOrDefault() ?? ["", "", "", ""];
    public bool MayBeStored => Last[0] == "sending";
    public string? Receipt(Message message) =>
        lines.FirstOrDefault(line => line[0] == "delivered" && line[1] == message.Name && line[3] == message.Hash)?[2];
    public void Begin(Message message) { if (!MayBeStored) Write("sending", message, ""); }
    public void Write(string state, Message message, string? receipt)
    {
        lines.Add([state, message.Name, receipt ?? "", message.Hash]);
        var how = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var open = new FileStream(file, how);
        open.Write(Encoding.UTF8.GetBytes(string.Join('\t', Last) + "\n"));
        open.Flush(flushToDisk: true);
    }
}

static class Sending
{
    static Seen Judge(Answer answer) // § 10.1: status, header and body together
    {
        var status = answer.Status;
        var errors = (answer.Members["errors"] as JsonArray ?? new JsonArray()).OfType<JsonObject>().ToList();
        var codes = errors.Select(Code).ToArray();
        var receipt = string.IsNullOrEmpty(answer.Header("X-Correlation-ID")) ? null : answer.Header("X-Correlation-ID");
        var delivered = answer.Members["delivered"] is JsonValue told && told.TryGetValue<bool>(out var yes) && yes;
        var nonce = (answer.Header("WWW-Authenticate") ?? "").Contains("use_dpop_nonce") && answer.Header("DPoP-Nonce") is not null;
        var temporary = status is < 400 or >= 500 or 408 or 425 || codes.Contains(2010);
        var kind = status is 200 or 201 && delivered && receipt is not null ? Kind.Delivered
            : status is 401 or 403 ? (nonce ? Kind.Nonce : Kind.Token)
            : status == 429 ? Kind.Later
            : temporary || delivered ? Kind.Unknown // it may have been stored
            : codes.Any(code => Its.OtherEnvelope.Contains(code)) ? Kind.Keys : Kind.Rejected;
        var wait = Regex.IsMatch(answer.Header("Retry-After") ?? "", "^\\d{1,6}$") ? double.Parse(answer.Header("Retry-After")!) : 0;
        return new Seen(kind, $"HTTP {status}{string.Concat(errors.Select(Described))}", receipt, codes, wait);
    }
    static long Code(JsonObject error) // § 8: by the name first
    {
        var name = Regex.Match(Its.Text(error["errorMessage"]) ?? "", "^Error: (\\w+)").Groups[1].Value;
        if (Its.Codes.TryGetValue(name, out var named)) return named;
        return error["errorCode"] is JsonValue given && given.TryGetValue<long>(out var number) ? number : 0;
    }
    static string Described(JsonObject error) // § 7: details are a text that holds JSON
    {
        var places = (Its.Json(Its.Text(error["errorDetails"])) as JsonArray ?? new JsonArray()).OfType<JsonObject>();
        var lines = places.Select(one => $"\n    {Its.Text(one["Location"])}: {one["Errors"]?.ToJsonString()}");
        return Its.Hidden($"\n  {Its.Text(error["errorMessage"])}{string.Concat(lines)}");
    }
    static async Task<Seen> Attempt(Message message, Receiver receiver, Journal journal) // one new envelope, one new proof
    {
        var begun = false;
        try { return Judge(await receiver.Post(message, () => { begun = true; journal.Begin(message); })); }
        catch (Temporary fault) { return new Seen(Kind.Later, fault.Message); }
        catch (TaskCanceledException) { return new Seen(begun ? Kind.Unknown : Kind.Later, "no answer in time"); }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            var away = (fault as HttpRequestException)?.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
            return new Seen(begun && !away ? Kind.Unknown : Kind.Later, fault.GetType().Name);
        }
    }
    static async Task<string> Deliver(Message message, Receiver receiver, Journal journal) // § 10.1
    {
        var remedies = new Dictionary<Kind, Action> { [Kind.Nonce] = () => { }, [Kind.Token] = receiver.HelseId.Forget,
            [Kind.Keys] = receiver.ForgetKey };
        var uncertain = journal.MayBeStored;
        for (var tried = 1; ;)
        {
            var seen = await Attempt(message, receiver, journal);
            if (seen.Kind == Kind.Delivered) return seen.Receipt!;
            uncertain |= seen.Kind == Kind.Unknown;
            if (remedies.Remove(seen.Kind, out var remedy)) remedy(); // each at most once
            else if (seen.Kind is Kind.Later or Kind.Unknown)
            {
                var pause = Math.Min(Its.LongestWait, Its.FirstWait * Math.Pow(2, tried - 1)) * (0.5 + Random.Shared.NextDouble() / 2);
                var wait = Math.Max(seen.Wait, pause);
                if (tried++ >= Its.Tries || wait > Its.LongestWait) throw new Stop(14, $"{message.Name}: not confirmed. {seen.Text}");
                await Task.Delay(TimeSpan.FromSeconds(wait));
            }
            else
            {
                if (!uncertain || seen.Codes!.Any(code => Its.Content.Contains(code))) journal.Write("rejected", message, seen.Receipt);
                throw new Stop(seen.Kind is Kind.Token or Kind.Nonce ? 15 : 12,
                    $"{message.Name}: not accepted, receipt {seen.Receipt ?? "missing"}. {seen.Text}");
            }
        }
    }
    static Message Read(string file, string type, string version) // § 4: UTF-8 without a byte order mark, and an array
    {
        var raw = File.ReadAllBytes(file);
        var content = raw.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? raw[3..] : raw;
        var text = Encoding.UTF8.GetString(content);
        if (!Encoding.UTF8.GetBytes(text).SequenceEqual(content) || Its.Json(text) is not JsonArray)
            throw new Stop(12, $"{Path.GetFileName(file)}: not a JSON array in UTF-8");
        var date = File.GetLastWriteTime(file).ToString("dd'.'MM'.'yyyy"); // the extraction wrote the file
        return new Message(Path.GetFileName(file), content, Its.Sha256(content), type, version, date);
    }
    public static async Task Run(string[] words)
    {
        if (words.Length < 4) throw new Stop(2, "dotnet run -- CLIENT.JSON MESSAGE... TYPE VERSION");
        var config = JsonNode.Parse(File.ReadAllText(words[0]))!;
        var signer = new Signer(config["helseid"]!["private_jwk"]!.AsObject());
        var receiver = new Receiver((string)config["mottak"]!["base_url"]!, new HelseId(config["helseid"]!.AsObject(), signer), signer);
        var journal = new Journal(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(words[1]))!, "sent.log"));
        foreach (var file in words[1..^2])
        {
            var message = Read(file, words[^2], words[^1]);
            var earlier = journal.Receipt(message);
            if (earlier is null && journal.MayBeStored && journal.Last[3] != message.Hash)
                throw new Stop(12, $"{message.Name}: {journal.Last[1]} may have been stored; the same content goes first");
            var receipt = earlier ?? await Deliver(message, receiver, journal);
            if (earlier is null) journal.Write("delivered", message, receipt);
            Console.WriteLine($"{message.Name}\t{receipt}{(earlier is null ? "" : "\t(earlier)")}");
        }
    }
}
