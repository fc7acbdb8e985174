#!/usr/bin/env bash
# Sends messages to FHI's receiving service, in the order in which they are given. bash 5, curl, OpenSSL 3, jq, GNU coreutils.
#
#   bash send.sh CLIENT.JSON MESSAGE... TYPE VERSION          bash send.sh client.json outbox/*.json KTT_Tjeneste 1
#
# Exit code: 0 all is delivered; 2 wrong use; 12 a message was rejected; 14 a temporary fault, run it again later; 15 token or
# proof was not accepted. § is a section of docs/reference/protocol/transport.md, helseid § of helseid.md.
#
# To learn from and to try with, not for a shared machine: `openssl enc` takes a message's key as an argument, so whoever may
# list processes can read it while it is encrypted. The client's key and the token are never arguments.
set -uo pipefail
umask 077
# § 6: change these to your own. Printable ASCII, 1 to 100 characters.
SOFTWARE=('x-vendor-name: Eksempel AS' 'x-software-name: Eksempel-EPJ' 'x-software-version: 1.0'
  'x-export-software-version: curl-1')
TRIES=4 FIRST_WAIT=1 LONGEST_WAIT=30 ANSWER_WITHIN=40 # § 10.1, § 15; seconds
LARGEST_BODY=15000000                                 # § 10 rule 8c; bytes
TOKEN_MARGIN=10                                       # helseid § 2 FK3; seconds before its end that a token is no longer used
CODES='{"InvalidKeyId":1004,"PayloadHashMismatch":1006,"ExpiredKey":1007,"DecryptionErrorForAsymmetricalKey":1008,
  "DecryptionErrorForSymmetricalKey":1009,"SchemaNotFound":2006,"InvalidJsonMessage":2007,"SchemaValidationFailed":2008,
  "PayloadSizeLimitExceeded":2009,"StorageError":2010}' # § 8: the name decides before the number

TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
TOKEN='' TOKEN_UNTIL=0 ENDPOINT='' HELSEID_NONCE='' KEY_ID='' KEY_UNTIL=0 NONCE=''

stop() { echo "$2" >&2; exit "$1"; }
b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
sha256() { openssl dgst -sha256 -binary | b64url; }
random() { openssl rand 16 | b64url; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
config() { jq -r "$1 // empty" "$CONFIG"; }
header() { grep -i "^$1:" "$TMP/headers" | tail -n 1 | cut -d: -f2- | sed 's/^ *//' | tr -d '\r'; }
member() { jq -r "if type == \"object\" then $1 // empty else empty end" "$TMP/answer" 2>/dev/null; }
origin() { sed -E 's#^([A-Za-z]+://[^/?]+).*#\1#' <<<"$1"; }
failed() { KIND=$1 TEXT=$2 CODES_SEEN='' RECEIPT='' RETRY_AFTER=0; return 1; }

address() { # § 14.4: https, or http to this machine alone
  [[ ${1,,} =~ ^(https://|http://(127\.0\.0\.1|localhost|\[::1\])([:/]|$)) ]] || stop 2 "$(origin "$1") is neither https nor this machine"
}

call() { # § 15: no redirect is followed, and nobody waits for ever. STATUS; 1 when there is no whole answer
  : >"$TMP/headers" && : >"$TMP/answer"
  STATUS=$(curl -q -sS --connect-timeout 10 --max-time "$ANSWER_WITHIN" -D "$TMP/headers" -o "$TMP/answer" \
    -w '%{http_code}' "$@" 2>"$TMP/fault")
  CURL=$?
  ((CURL == 0))
}

read_key() { # the client's key from JWK to DER: RFC 8017, appendix A.1.2
  local name digits
  { printf 'asn1=SEQUENCE:key\n[key]\nversion=INTEGER:0\n'
    for name in n e d p q dp dq qi; do
      digits=$(config ".helseid.private_jwk.$name" | tr -- '-_' '+/')
      while ((${#digits} % 4)); do digits+='='; done
      printf '%s=INTEGER:0x%s\n' "$name" "$(base64 -d <<<"$digits" | hex)"
    done; } >"$TMP/key.cnf"
  openssl asn1parse -genconf "$TMP/key.cnf" -noout -out "$TMP/key.der" || stop 2 'the private key cannot be read'
  ALG=$(config '.helseid.private_jwk.alg') ALG=${ALG:-RS256} PADDING=()
  [[ $ALG =~ ^[RP]S(256|384|512)$ ]] || stop 2 "the key's algorithm $ALG is not for RSA"
  [[ $ALG == P* ]] && PADDING=(-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest)
}

jwt() { # header, claims; helseid § 3
  local text
  text="$(jq -c --arg alg "$ALG" '. + {alg: $alg}' <<<"$1" | tr -d '\n' | b64url).$(printf %s "$2" | b64url)"
  printf '%s.%s' "$text" "$(printf %s "$text" | openssl dgst "-sha${ALG:2}" -keyform DER -sign "$TMP/key.der" "${PADDING[@]}" | b64url)"
}

proof() { # address, further claims; § 5: always new, and made last
  jwt "$(config '.helseid.private_jwk | {typ: "dpop+jwt", jwk: {kty, n, e}} | tojson')" \
    "$(jq -c --arg jti "$(random)" --arg htu "$1" '{jti: $jti, htm: "POST", htu: $htu, iat: (now | floor)} + .' <<<"$2")"
}

token_request() { # helseid § 4, § 5: a new assertion and a new proof in each request
  local id assertion nonce='{}'
  id=$(config .helseid.client_id)
  # A multi-tenant client adds assertion_details, helseid § 6.
  assertion=$(jwt "$(config '.helseid.private_jwk | {typ: "client-authentication+jwt", kid} | del(.[] | nulls) | tojson')" \
    "$(jq -nc --arg id "$id" --arg aud "$ISSUER" --arg jti "$(random)" '(now | floor) as $now |
      {iss: $id, sub: $id, aud: $aud, jti: $jti, iat: $now, nbf: $now, exp: ($now + 30)}')")
  [[ $HELSEID_NONCE ]] && nonce=$(jq -nc --arg nonce "$HELSEID_NONCE" '{nonce: $nonce}')
  printf 'DPoP: %s' "$(proof "$ENDPOINT" "$nonce")" >"$TMP/proof"
  printf %s "$assertion" >"$TMP/assertion"
  call -H "@$TMP/proof" --data-urlencode 'grant_type=client_credentials' --data-urlencode "client_id=$id" \
    --data-urlencode "scope=$(config .helseid.scope)" --data-urlencode "client_assertion@$TMP/assertion" \
    --data-urlencode 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer' "$ENDPOINT"
  local ended=$? given
  given=$(header dpop-nonce) HELSEID_NONCE=${given:-$HELSEID_NONCE}
  return $ended
}

discover() { # helseid § 1
  local authority
  authority=$(config .helseid.authority | sed 's#/*$##')
  address "$authority"
  call "$authority/.well-known/openid-configuration" && [[ $STATUS == 200 ]] || { failed later "HelseID: no discovery ($STATUS)"; return; }
  ISSUER=$(member .issuer) ENDPOINT=$(member .token_endpoint)
  [[ $ENDPOINT ]] || { failed later 'HelseID: no discovery'; return; }
  [[ ${ISSUER%/} == "$authority" && $(origin "$ENDPOINT") == $(origin "$authority") ]] || stop 15 'HelseID: another issuer'
}

get_token() { # helseid § 4: asked for once more when a nonce is demanded, not twice
  local asked lives
  (($(date +%s) < TOKEN_UNTIL)) && return # helseid § 2 FK3
  [[ $ENDPOINT ]] || discover || return
  asked=$(date +%s)
  token_request || { failed later "HelseID: $(<"$TMP/fault")"; return; }
  if [[ $(member .error) == use_dpop_nonce && $HELSEID_NONCE ]]; then
    token_request || { failed later "HelseID: $(<"$TMP/fault")"; return; }
  fi
  [[ $STATUS =~ ^40[013]$ ]] && stop 15 "HelseID: $(member .error)"
  TOKEN=$(member .access_token)
  [[ $STATUS == 200 && $TOKEN ]] || { failed later "HelseID: no token (HTTP $STATUS)"; return; }
  [[ $(member '.token_type | ascii_downcase') == dpop ]] || stop 15 'HelseID: the token is not bound'
  lives=$(member '.expires_in | floor') TOKEN_UNTIL=$((asked + ${lives:-0} - TOKEN_MARGIN))
}

get_key() { # § 3.3: the unexpired RSA key that expires last, the first one of equals
  local line expires best=0 age
  (($(date +%s) < KEY_UNTIL)) && return
  call "$BASE/keys" && [[ $STATUS == 200 ]] && jq -e 'type == "array"' "$TMP/answer" &>/dev/null ||
    { failed later "keys: no list (HTTP $STATUS)"; return; }
  while read -r line; do
    expires=$(jq -r '.expirationDate | if test("(Z|[+-][0-9:]{5,6})$") then . else . + "Z" end' <<<"$line" 2>/dev/null)
    expires=$(date -d "$expires" +%s 2>/dev/null) || continue
    jq -r .publicKey <<<"$line" >"$TMP/candidate.pem"
    openssl rsa -pubin -in "$TMP/candidate.pem" -noout -text 2>/dev/null | grep -qE 'Public-Key: \((204[89]|20[5-9].|2[1-9]..|[3-9]...|.....+) bit' || continue
    ((expires > $(date +%s) && expires > best)) || continue
    best=$expires KEY_ID=$(jq -r .id <<<"$line")
    mv "$TMP/candidate.pem" "$TMP/receiver.pem"
  done < <(jq -c '.[]' "$TMP/answer")
  ((best)) || { failed later 'keys: none that can be used'; return; }
  age=$(header cache-control | grep -oE 'no-store|no-cache|max-age=[0-9]{1,9}' | head -n 1)
  case $age in max-age=*) age=${age#*=} ;; no-*) age=0 ;; *) age=300 ;; esac
  KEY_UNTIL=$(($(date +%s) + age)) && ((KEY_UNTIL > best)) && KEY_UNTIL=$best
  return 0
}

post() { # § 2: keys, envelope, token, and the proof last
  get_key || return
  local claims wrapped
  openssl rand -out "$TMP/secret" 32 && openssl rand -out "$TMP/iv" 16 # § 4: new every time
  { cat "$TMP/iv"; openssl enc -aes-256-cbc -K "$(hex <"$TMP/secret")" -iv "$(hex <"$TMP/iv")" -in "$TMP/message"; } |
    openssl base64 -A >"$TMP/body" || stop 2 'the message cannot be encrypted'
  (($(stat -c %s "$TMP/body") < LARGEST_BODY)) || stop 12 "$NAME: too large, divide it"
  wrapped=$(openssl pkeyutl -encrypt -pubin -inkey "$TMP/receiver.pem" -in "$TMP/secret" -pkeyopt rsa_padding_mode:oaep \
    -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 | b64url)
  get_token || return
  claims=$(jq -nc --arg ath "$(printf %s "$TOKEN" | sha256)" --arg type "$TYPE" --arg version "$VERSION" --arg hash "$HASH" \
    --arg key "$wrapped" --arg id "$KEY_ID" --arg nonce "$NONCE" '{ath: $ath, msg_type: $type, msg_version: $version,
      msg_hash: $hash, enc_sym_key: $key, enc_key_id: $id} + if $nonce == "" then {} else {nonce: $nonce} end')
  { printf 'Authorization: DPoP %s\nDPoP: %s\nContent-Type: text/plain; charset=utf-8\nExpect:\n' "$TOKEN" "$(proof "$BASE/message" "$claims")"
    printf '%s\n' "${SOFTWARE[@]}" "x-data-extraction-date: $(date -r "$FILE" +%d.%m.%Y)"; } >"$TMP/sent" # § 6; the file's day
  may_be_stored || note sending
  if call -H "@$TMP/sent" --data-binary "@$TMP/body" "$BASE/message"; then
    judge
  else # nothing was stored when no connection was made: 6 no such host, 7 nobody there
    failed "$([[ $CURL == [67] ]] && echo later || echo unknown)" "$(<"$TMP/fault")"
  fi
}

judge() { # § 10.1: status, header and body together
  local delivered nonce=''
  delivered=$(member '.delivered == true | if . then "yes" else empty end') RECEIPT=$(header x-correlation-id)
  CODES_SEEN=$(jq -r --argjson codes "$CODES" '.errors[]? | ((.errorMessage // "") | ltrimstr("Error: ") | split(" ")[0] // "") as $name |
    $codes[$name] // .errorCode // 0' "$TMP/answer" 2>/dev/null)
  TEXT="HTTP $STATUS $(jq -r '.errors[]? | [.errorMessage, .propertyName, ((.errorDetails // "null") | fromjson? | arrays | .[] |
    "\n    \(.Location): \([.Errors[]?.Value] | join("; "))")] | map(select(.)) | join(" ")' "$TMP/answer" 2>/dev/null |
    sed -E 's/[0-9]{5,}|"[^"]*[0-9][^"]*"/…/g')" # § 7; a long number may be a person's
  RETRY_AFTER=$(header retry-after | grep -xE '[0-9]{1,6}') || RETRY_AFTER=0
  [[ $(header www-authenticate) == *use_dpop_nonce* ]] && nonce=$(header dpop-nonce)
  NONCE=${nonce:-$NONCE}
  if [[ $STATUS =~ ^20[01]$ && $delivered && $RECEIPT ]]; then KIND=delivered
  elif [[ $STATUS =~ ^40[13]$ ]]; then KIND=$([[ $nonce ]] && echo nonce || echo token)
  elif [[ $STATUS == 429 ]]; then KIND=later
  elif [[ $STATUS != 4?? || $STATUS =~ ^(408|425)$ || $delivered ]] || grep -qx 2010 <<<"$CODES_SEEN"; then KIND=unknown
  elif grep -qxE '1004|100[6-9]' <<<"$CODES_SEEN"; then KIND=keys
  else KIND=rejected; fi
}

deliver() { # § 10.1
  local tried=1 used='' uncertain='' wait
  may_be_stored && uncertain=yes
  while :; do
    post
    [[ $KIND == delivered ]] && return
    [[ $KIND == unknown ]] && uncertain=yes
    if [[ $KIND =~ ^(nonce|token|keys)$ && $used != *$KIND* ]]; then # each remedy at most once
      used+=" $KIND"
      [[ $KIND == token ]] && TOKEN_UNTIL=0
      [[ $KIND == keys ]] && KEY_UNTIL=0
    elif [[ $KIND == later || $KIND == unknown ]]; then
      wait=$(awk -v tried=$tried -v first=$FIRST_WAIT -v most=$LONGEST_WAIT -v asked="$RETRY_AFTER" -v seed=$RANDOM 'BEGIN { srand(seed)
        wait = first * 2 ^ (tried - 1); if (wait > most) wait = most; wait *= 0.5 + rand() / 2; print (asked > wait ? asked : wait) }')
      ((tried++ >= TRIES || ${wait%.*} > LONGEST_WAIT)) && stop 14 "$NAME: not confirmed. $TEXT"
      sleep "$wait"
    else
      [[ ! $uncertain ]] || grep -qxE '200[6-9]' <<<"$CODES_SEEN" && note rejected
      stop "$([[ $KIND == rejected || $KIND == keys ]] && echo 12 || echo 15)" "$NAME: not accepted, receipt ${RECEIPT:-missing}. $TEXT"
    fi
  done
}

# What has happened, a line each: state, file name, receipt, hash. It is on the disk before the next step is taken, so that a
# run that was cut off anywhere goes on in order when it is started again (§ 10 rules 2 and 3).
lines() { awk -F '\t' 'NF == 4 && length($4) == 43' "$STATE" 2>/dev/null; }
may_be_stored() { [[ $(lines | tail -n 1) == sending* ]]; }
note() { printf '%s\t%s\t%s\t%s\n' "$1" "$NAME" "${RECEIPT:-}" "$HASH" >>"$STATE" && sync "$STATE" || stop 2 "cannot write $STATE"; }

read_message() { # § 4: UTF-8 without a byte order mark, and an array
  local from=1
  NAME=$(basename "$FILE") RECEIPT=''
  [[ $(head -c 3 "$FILE" | hex) == efbbbf ]] && from=4
  tail -c +$from "$FILE" >"$TMP/message" || stop 2 "$NAME cannot be read"
  iconv -f UTF-8 -t UTF-8 "$TMP/message" &>/dev/null && jq -es 'length == 1 and (.[0] | type == "array")' "$TMP/message" &>/dev/null ||
    stop 12 "$NAME: not a JSON array in UTF-8"
  HASH=$(sha256 <"$TMP/message")
}

(($# >= 4)) || stop 2 'bash send.sh CLIENT.JSON MESSAGE... TYPE VERSION'
CONFIG=$1 TYPE=${*: -2:1} VERSION=${*: -1} STATE=$(dirname "$2")/sent.log
BASE=$(config .mottak.base_url | sed 's#/*$##')
[[ $BASE ]] || stop 2 "$CONFIG cannot be read"
address "$BASE"
read_key
[[ -s $STATE && $(tail -c 1 "$STATE" | hex) != 0a ]] && echo >>"$STATE" # the machine stopped in the middle of a line
for FILE in "${@:2:$#-3}"; do
  read_message
  RECEIPT=$(lines | awk -F '\t' -v name="$NAME" -v hash="$HASH" '$1 == "delivered" && $2 == name && $4 == hash { print $3; exit }')
  if [[ $RECEIPT ]]; then
    printf '%s\t%s\t(earlier)\n' "$NAME" "$RECEIPT"
    continue
  fi
  may_be_stored && [[ $(lines | tail -n 1 | cut -f 4) != "$HASH" ]] && stop 12 "$NAME: another message may have been stored and goes first"
  deliver
  note delivered
  printf '%s\t%s\n' "$NAME" "$RECEIPT"
done
