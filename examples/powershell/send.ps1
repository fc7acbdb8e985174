# Sends messages to FHI's receiving service, in the order in which they are given. PowerShell 7.4 or newer, no modules.
#
#   pwsh send.ps1 CLIENT.JSON MESSAGE... TYPE VERSION
#
# Exit code: 0 all is delivered; 2 wrong use; 12 a message was rejected; 14 a temporary fault, run it again later; 15 token
# or proof was not accepted. § is a section of docs/reference/protocol/transport.md, helseid § of helseid.md.
$ErrorActionPreference = 'Stop'
# § 6: change these to your own. Printable ASCII, 1 to 100 characters.
$Software = @{ 'x-vendor-name' = 'Eksempel AS'; 'x-software-name' = 'Eksempel-EPJ'; 'x-software-version' = '1.0'
    'x-export-software-version' = 'powershell-1' }
$Tries = 4; $FirstWait = 1; $LongestWait = 30; $AnswerWithin = 40 # § 10.1, § 15; seconds
$LargestBody = 15000000 # § 10 rule 8c; bytes
$TokenMargin = 10 # helseid § 2 FK3; seconds before its end that a token is no longer used
$Codes = @{ InvalidKeyId = 1004; PayloadHashMismatch = 1006; ExpiredKey = 1007; DecryptionErrorForAsymmetricalKey = 1008
    DecryptionErrorForSymmetricalKey = 1009; SchemaNotFound = 2006; InvalidJsonMessage = 2007; SchemaValidationFailed = 2008
    PayloadSizeLimitExceeded = 2009; StorageError = 2010 } # § 8: the name decides before the number
$OtherEnvelope = 1004, 1006, 1007, 1008, 1009; $ContentCodes = 2006, 2007, 2008, 2009 # § 10.1

$Handler = [Net.Http.SocketsHttpHandler]@{ AllowAutoRedirect = $false; ConnectTimeout = [TimeSpan]::FromSeconds(10) } # § 15
$Http = [Net.Http.HttpClient]::new($Handler)
$Http.Timeout = [TimeSpan]::FromSeconds($AnswerWithin)
$State = @{ Token = $null; TokenUntil = 0; Nonce = $null; Issuer = $null; Endpoint = $null # of HelseID
    Key = $null; KeyUntil = [datetime]::MinValue; ReceiverNonce = $null; Begun = $false } # of the receiver

function Stop-Run([int]$Code, [string]$Text) { [Console]::Error.WriteLine($Text); exit $Code }
function ConvertTo-Base64Url([byte[]]$Bytes) { [Convert]::ToBase64String($Bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_') }
function ConvertFrom-Base64Url([string]$Text) {
    $whole = $Text.Replace('-', '+').Replace('_', '/').PadRight([Math]::Ceiling($Text.Length / 4) * 4, '=')
    return , [Convert]::FromBase64String($whole)
}
function Get-Sha256([byte[]]$Bytes) { ConvertTo-Base64Url ([Security.Cryptography.SHA256]::HashData($Bytes)) }
function New-Id { ConvertTo-Base64Url ([Security.Cryptography.RandomNumberGenerator]::GetBytes(16)) }
function Get-Now { [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() }
function Hide-Person([string]$Text) { $Text -replace '\d{5,}|"[^"]*\d[^"]*"', '…' } # a long number may be a person's
function Read-Json([string]$Text) { try { $Text | ConvertFrom-Json -NoEnumerate } catch { $null } }
function Get-Address([string]$Text) { # § 14.4: https, or http to this machine; one value for the call and for htu (§ 12.2)
    $url = [Uri]$Text
    $local = $url.Host -in '127.0.0.1', 'localhost', '[::1]' # Uri.IsLoopback does not know LOCALHOST in capitals
    if ($url.Scheme -ne 'https' -and -not $local) { Stop-Run 2 "$($url.Authority) is neither https nor this machine" }
    $url
}
function Invoke-Call([Net.Http.HttpRequestMessage]$Request) {
    $answer = $Http.SendAsync($Request).GetAwaiter().GetResult()
    $headers = @{} # names in any case
    foreach ($one in $answer.Headers) { $headers[$one.Key] = @($one.Value)[-1] }
    $body = $answer.Content.ReadAsStringAsync().GetAwaiter().GetResult()
    [pscustomobject]@{ Status = [int]$answer.StatusCode; Headers = $headers; Body = $body; Members = (Read-Json $body) }
}
function Invoke-Get([string]$Url) { Invoke-Call ([Net.Http.HttpRequestMessage]::new('GET', (Get-Address $Url))) }

function Import-Key($Jwk) { # the client's key signs assertions and proofs, helseid § 3, § 5, § 13
    $script:Jwk = $Jwk
    $script:Alg = if ($Jwk.alg) { $Jwk.alg } else { 'RS256' }
    if ($Alg -cnotmatch '^[RP]S(256|384|512)$') { Stop-Run 2 "the key's algorithm $Alg is not for RSA" }
    $size = (ConvertFrom-Base64Url $Jwk.n).Length
    $half = [int][Math]::Ceiling($size / 2)
    $parts = [Security.Cryptography.RSAParameters]::new()
    $lengths = [ordered]@{ Modulus = 'n', $size; Exponent = 'e', 0; D = 'd', $size; P = 'p', $half; Q = 'q', $half
        DP = 'dp', $half; DQ = 'dq', $half; InverseQ = 'qi', $half }
    foreach ($name in $lengths.Keys) {
        [byte[]]$bytes = ConvertFrom-Base64Url $Jwk.($lengths[$name][0])
        $missing = [Math]::Max(0, $lengths[$name][1] - $bytes.Length)
        $parts.$name = [byte[]](@([byte]0) * $missing + $bytes)
    }
    $script:Rsa = [Security.Cryptography.RSA]::Create($parts)
}
function New-Jwt($Header, $Claims) {
    $Header.alg = $Alg
    $segments = foreach ($part in $Header, $Claims) {
        ConvertTo-Base64Url ([Text.Encoding]::UTF8.GetBytes(($part | ConvertTo-Json -Compress -Depth 5)))
    }
    $text = $segments -join '.'
    $padding = if ($Alg[0] -eq 'P') { [Security.Cryptography.RSASignaturePadding]::Pss } else { [Security.Cryptography.RSASignaturePadding]::Pkcs1 }
    $hash = [Security.Cryptography.HashAlgorithmName]::new("SHA$($Alg.Substring(2))")
    "$text.$(ConvertTo-Base64Url ($Rsa.SignData([Text.Encoding]::ASCII.GetBytes($text), $hash, $padding)))"
}
function New-Proof([Uri]$Url, $Claims) { # § 5: always new, and made last
    $all = [ordered]@{ jti = (New-Id); htm = 'POST'; htu = $Url.AbsoluteUri; iat = (Get-Now) }
    foreach ($name in $Claims.Keys) { $all[$name] = $Claims[$name] }
    New-Jwt ([ordered]@{ typ = 'dpop+jwt'; jwk = [ordered]@{ kty = 'RSA'; n = $Jwk.n; e = $Jwk.e } }) $all
}

function Find-HelseId { # helseid § 1
    $authority = $Config.helseid.authority.TrimEnd('/')
    $answer = Invoke-Get "$authority/.well-known/openid-configuration"
    $found = $answer.Members
    if ($answer.Status -ne 200 -or -not $found.token_endpoint -or -not $found.issuer) { throw "HelseID: no discovery (HTTP $($answer.Status))" }
    $same = ([Uri]$found.token_endpoint).GetLeftPart('Authority') -eq ([Uri]$authority).GetLeftPart('Authority')
    if (-not $same -or "$($found.issuer)".TrimEnd('/') -cne $authority) { Stop-Run 15 'HelseID: another issuer' }
    $State.Issuer = $found.issuer
    $State.Endpoint = Get-Address $found.token_endpoint
}
function Request-Token { # helseid § 4, § 5: a new assertion and a new proof in each request
    $id = $Config.helseid.client_id; $now = Get-Now
    $header = [ordered]@{ typ = 'client-authentication+jwt' }
    if ($Jwk.kid) { $header.kid = $Jwk.kid }
    $assertion = New-Jwt $header ([ordered]@{ iss = $id; sub = $id; aud = $State.Issuer; jti = (New-Id)
            iat = $now; nbf = $now; exp = $now + 30 }) # a multi-tenant client adds assertion_details, helseid § 6
    $form = [Collections.Generic.Dictionary[string, string]]::new()
    $form['grant_type'] = 'client_credentials'
    $form['client_id'] = $id
    $form['scope'] = $Config.helseid.scope
    $form['client_assertion_type'] = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    $form['client_assertion'] = $assertion
    $request = [Net.Http.HttpRequestMessage]::new('POST', $State.Endpoint)
    $request.Content = [Net.Http.FormUrlEncodedContent]::new($form)
    $request.Headers.Add('DPoP', (New-Proof $State.Endpoint $(if ($State.Nonce) { @{ nonce = $State.Nonce } } else { @{} })))
    $answer = Invoke-Call $request
    if ($answer.Headers['DPoP-Nonce']) { $State.Nonce = $answer.Headers['DPoP-Nonce'] }
    $answer
}
function Get-Token { # helseid § 4: asked for once more when a nonce is demanded, not twice
    if ($State.Token -and (Get-Now) -lt $State.TokenUntil) { return $State.Token } # helseid § 2 FK3
    if (-not $State.Endpoint) { Find-HelseId }
    $asked = Get-Now
    $answer = Request-Token
    if ($answer.Members.error -eq 'use_dpop_nonce' -and $State.Nonce) { $answer = Request-Token }
    if ($answer.Status -in 400, 401, 403) { Stop-Run 15 "HelseID: $(if ($answer.Members.error) { Hide-Person $answer.Members.error } else { 'refused' })" }
    if ($answer.Status -ne 200 -or -not $answer.Members.access_token) { throw "HelseID: no token (HTTP $($answer.Status))" }
    if ($answer.Members.token_type -ne 'dpop') { Stop-Run 15 'HelseID: the token is not bound' } # -ne knows no case
    $State.TokenUntil = $asked + [long]$answer.Members.expires_in - $TokenMargin
    $State.Token = $answer.Members.access_token
    $State.Token
}

function Get-Key { # § 3.3: the unexpired RSA key that expires last, the first one of equals
    if ($State.Key -and [datetime]::UtcNow -lt $State.KeyUntil) { return $State.Key }
    $answer = Invoke-Get "$Base/keys"
    if ($answer.Status -ne 200 -or $answer.Members -isnot [array]) { throw "keys: no list (HTTP $($answer.Status))" }
    $State.Key = $null
    foreach ($entry in $answer.Members) {
        try {
            $public = [Security.Cryptography.RSA]::Create()
            $public.ImportFromPem($entry.publicKey)
            $expires = $entry.expirationDate # ConvertFrom-Json makes a date of it; without a zone it is UTC (§ 3.2)
            if ($expires -isnot [datetime]) { $expires = [DateTimeOffset]::Parse($expires, [cultureinfo]::InvariantCulture, 'AssumeUniversal').UtcDateTime }
            elseif ($expires.Kind -eq 'Unspecified') { $expires = [datetime]::SpecifyKind($expires, 'Utc') }
            else { $expires = $expires.ToUniversalTime() }
        } catch { continue }
        $better = -not $State.Key -or $expires -gt $State.Key.Expires
        if ($public.KeySize -ge 2048 -and $expires -gt [datetime]::UtcNow -and $better) {
            $State.Key = [pscustomobject]@{ Id = $entry.id; Expires = $expires; Public = $public }
        }
    }
    if (-not $State.Key) { throw 'keys: none that can be used' }
    $control = "$($answer.Headers['Cache-Control'])"
    $age = if ($control -match 'no-store|no-cache') { 0 } elseif ($control -match 'max-age=(\d{1,9})') { [long]$Matches[1] } else { 300 }
    $kept = [datetime]::UtcNow.AddSeconds($age)
    $State.KeyUntil = if ($kept -lt $State.Key.Expires) { $kept } else { $State.Key.Expires }
    $State.Key
}
function Send-Message($Message) { # § 2: keys, envelope, token, and the proof last
    $key = Get-Key
    [byte[]]$secret = [Security.Cryptography.RandomNumberGenerator]::GetBytes(32) # § 4: new every time
    [byte[]]$iv = [Security.Cryptography.RandomNumberGenerator]::GetBytes(16)
    $aes = [Security.Cryptography.Aes]::Create()
    $aes.Key = $secret
    [byte[]]$sealed = $aes.EncryptCbc([byte[]]$Message.Content, $iv, [Security.Cryptography.PaddingMode]::PKCS7)
    $whole = [byte[]]::new(16 + $sealed.Length)
    $iv.CopyTo($whole, 0)
    $sealed.CopyTo($whole, 16)
    $body = [Convert]::ToBase64String($whole)
    if ($body.Length -ge $LargestBody) { Stop-Run 12 "$($Message.Name): too large, divide it" }
    $wrapped = ConvertTo-Base64Url ($key.Public.Encrypt($secret, [Security.Cryptography.RSAEncryptionPadding]::OaepSHA256))
    $token = Get-Token
    $claims = [ordered]@{ ath = (Get-Sha256 ([Text.Encoding]::ASCII.GetBytes($token))); msg_type = $Message.Type
        msg_version = $Message.Version; msg_hash = $Message.Hash; enc_sym_key = $wrapped; enc_key_id = $key.Id }
    if ($State.ReceiverNonce) { $claims.nonce = $State.ReceiverNonce }
    $url = Get-Address "$Base/message"
    $request = [Net.Http.HttpRequestMessage]::new('POST', $url)
    $request.Content = [Net.Http.StringContent]::new($body, [Text.Encoding]::UTF8, 'text/plain') # § 6
    $request.Headers.Add('Authorization', "DPoP $token")
    $request.Headers.Add('DPoP', (New-Proof $url $claims))
    foreach ($name in $Software.Keys) { $request.Headers.Add($name, $Software[$name]) }
    $request.Headers.Add('x-data-extraction-date', $Message.Date)
    $State.Begun = $true
    if (-not (Test-MayBeStored)) { Write-Journal 'sending' $Message '' }
    $answer = Invoke-Call $request
    if ($answer.Headers['DPoP-Nonce']) { $State.ReceiverNonce = $answer.Headers['DPoP-Nonce'] }
    $answer
}

function Get-Meaning($Answer) { # § 10.1: status, header and body together
    $status = $Answer.Status; $headers = $Answer.Headers; $receipt = $headers['X-Correlation-ID']
    $errors = @($Answer.Members.errors | Where-Object { $_ })
    $seen = @($errors | ForEach-Object {
            $name = if ("$($_.errorMessage)" -match '^Error: (\w+)') { $Matches[1] } else { '' }
            if ($Codes.ContainsKey($name)) { $Codes[$name] } else { $_.errorCode }
        })
    $texts = $errors | ForEach-Object { # § 7: details are a text that holds JSON
        $places = @(Read-Json $_.errorDetails | ForEach-Object { $_ } | Where-Object { $_ })
        "$($_.errorMessage)" + -join ($places | ForEach-Object { "`n    $($_.Location): $($_.Errors.Value -join '; ')" })
    }
    $delivered = $Answer.Members.delivered -is [bool] -and $Answer.Members.delivered
    $nonce = "$($headers['WWW-Authenticate'])" -match 'use_dpop_nonce' -and $headers['DPoP-Nonce']
    $temporary = $status -lt 400 -or $status -ge 500 -or $status -in 408, 425 -or $seen -contains 2010
    $kind = if ($status -in 200, 201 -and $delivered -and $receipt) { 'delivered' }
    elseif ($status -in 401, 403) { if ($nonce) { 'nonce' } else { 'token' } }
    elseif ($status -eq 429) { 'later' }
    elseif ($temporary -or $delivered) { 'unknown' } # it may have been stored
    elseif ($seen | Where-Object { $_ -in $OtherEnvelope }) { 'keys' } else { 'rejected' }
    $wait = if ("$($headers['Retry-After'])" -match '^\d{1,6}$') { [double]$Matches[0] } else { 0 }
    $text = Hide-Person (@("HTTP $status") + $texts -join "`n  ")
    [pscustomobject]@{ Kind = $kind; Receipt = $receipt; Codes = $seen; Text = $text; Wait = $wait }
}
function Invoke-Attempt($Message) { # one new envelope and one new proof
    $State.Begun = $false
    try { return Get-Meaning (Send-Message $Message) } catch {
        $fault = $_.Exception
        while ($fault.InnerException -and $fault -isnot [Net.Http.HttpRequestException]) { $fault = $fault.InnerException }
        $away = $fault -is [Net.Http.HttpRequestException] -and "$($fault.HttpRequestError)" -in 'ConnectionError', 'NameResolutionError'
        $kind = if ($State.Begun -and -not $away) { 'unknown' } else { 'later' }
        [pscustomobject]@{ Kind = $kind; Receipt = $null; Codes = @(); Text = (Hide-Person $fault.Message); Wait = 0 }
    }
}
function Send-UntilSettled($Message) { # § 10.1
    $used = @(); $tried = 1; $uncertain = Test-MayBeStored
    while ($true) {
        $seen = Invoke-Attempt $Message
        if ($seen.Kind -eq 'delivered') { return $seen.Receipt }
        if ($seen.Kind -eq 'unknown') { $uncertain = $true }
        if ($seen.Kind -in 'nonce', 'token', 'keys' -and $seen.Kind -notin $used) { # each at most once
            $used += $seen.Kind
            if ($seen.Kind -eq 'token') { $State.Token = $null }
            if ($seen.Kind -eq 'keys') { $State.Key = $null }
        } elseif ($seen.Kind -in 'later', 'unknown') {
            $pause = [Math]::Min($LongestWait, $FirstWait * [Math]::Pow(2, $tried - 1)) * (0.5 + [Random]::Shared.NextDouble() / 2)
            $wait = [Math]::Max($seen.Wait, $pause)
            if ($tried -ge $Tries -or $wait -gt $LongestWait) { Stop-Run 14 "$($Message.Name): not confirmed. $($seen.Text)" }
            $tried++
            Start-Sleep -Milliseconds ([int]($wait * 1000))
        } else {
            $settled = -not $uncertain -or ($seen.Codes | Where-Object { $_ -in $ContentCodes })
            if ($settled) { Write-Journal 'rejected' $Message $seen.Receipt }
            $code = if ($seen.Kind -in 'token', 'nonce') { 15 } else { 12 }
            Stop-Run $code "$($Message.Name): not accepted, receipt $($seen.Receipt). $($seen.Text)"
        }
    }
}

# What has happened, a line each: state, file name, receipt, hash. It is on the disk before the next step is taken, so that a
# run that was cut off anywhere goes on in order when it is started again (§ 10 rules 2 and 3).
function Read-Journal {
    $script:Lines = [Collections.Generic.List[string[]]]::new()
    $text = if (Test-Path -LiteralPath $JournalFile) { [IO.File]::ReadAllText($JournalFile) } else { '' }
    if ($text -and -not $text.EndsWith("`n")) { [IO.File]::AppendAllText($JournalFile, "`n") } # stopped in a line
    foreach ($line in $text.Split("`n")) {
        $parts = $line.Split("`t")
        if ($parts.Count -eq 4 -and $parts[3].Length -eq 43) { $Lines.Add($parts) }
    }
}
function Test-MayBeStored { $Lines.Count -gt 0 -and $Lines[$Lines.Count - 1][0] -eq 'sending' }
function Write-Journal([string]$What, $Message, [string]$Receipt) {
    [string[]]$parts = $What, $Message.Name, $Receipt, $Message.Hash
    $Lines.Add($parts)
    $how = [IO.FileStreamOptions]@{ Mode = [IO.FileMode]::Append; Access = [IO.FileAccess]::Write }
    if (-not $IsWindows) { $how.UnixCreateMode = [IO.UnixFileMode]'UserRead, UserWrite' }
    $open = [IO.FileStream]::new($JournalFile, $how)
    $bytes = [Text.Encoding]::UTF8.GetBytes(($parts -join "`t") + "`n")
    try { $open.Write($bytes, 0, $bytes.Length); $open.Flush($true) } finally { $open.Dispose() }
}
function Read-Message([string]$File, [string]$Type, [string]$Version) { # § 4: UTF-8 without a byte order mark, an array
    [byte[]]$content = [IO.File]::ReadAllBytes($File)
    $name = Split-Path -Leaf $File
    if ($content.Length -ge 3 -and $content[0] -eq 0xef -and $content[1] -eq 0xbb -and $content[2] -eq 0xbf) { $content = $content[3..($content.Length - 1)] }
    try { $text = [Text.UTF8Encoding]::new($false, $true).GetString($content) } catch { Stop-Run 12 "${name}: not UTF-8" }
    if ((Read-Json $text) -isnot [array]) { Stop-Run 12 "${name}: not a JSON array" }
    $date = [IO.File]::GetLastWriteTime($File).ToString('dd\.MM\.yyyy', [cultureinfo]::InvariantCulture) # the extraction wrote the file
    [pscustomobject]@{ Name = $name; Content = $content; Hash = (Get-Sha256 $content); Type = $Type; Version = $Version; Date = $date }
}

if ($args.Count -lt 4) { Stop-Run 2 'pwsh send.ps1 CLIENT.JSON MESSAGE... TYPE VERSION' }
try {
    $Config = Get-Content -Raw -LiteralPath $args[0] | ConvertFrom-Json
    $Base = $Config.mottak.base_url.TrimEnd('/')
    Import-Key $Config.helseid.private_jwk
    $Files = @($args[1..($args.Count - 3)] | ForEach-Object { (Resolve-Path -LiteralPath $_).Path })
    $JournalFile = Join-Path (Split-Path -Parent $Files[0]) 'sent.log'
    Read-Journal
    foreach ($file in $Files) {
        $message = Read-Message $file $args[-2] $args[-1]
        $earlier = $Lines | Where-Object { $_[0] -eq 'delivered' -and $_[1] -ceq $message.Name -and $_[3] -ceq $message.Hash } | Select-Object -First 1
        if (-not $earlier -and (Test-MayBeStored) -and $Lines[$Lines.Count - 1][3] -cne $message.Hash) {
            Stop-Run 12 "$($message.Name): $($Lines[$Lines.Count - 1][1]) may have been stored; the same content goes first"
        }
        if ($earlier) { "$($message.Name)`t$($earlier[2])`t(earlier)"; continue }
        $receipt = Send-UntilSettled $message
        Write-Journal 'delivered' $message $receipt
        "$($message.Name)`t$receipt"
    }
} catch { Stop-Run 2 "cannot go on: $($_.Exception.GetType().Name)" }
