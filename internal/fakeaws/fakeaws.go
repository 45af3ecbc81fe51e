// Package fakeaws is a small AWS on this machine for tests: STS, Systems Manager parameters and IAM Identity Center. It
// checks signatures as AWS does, knows users, MFA devices and roles, and takes each MFA code once.
package fakeaws

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Key is an access key. Those with a Token are of a session.
type Key struct{ ID, Secret, Token, ARN string }

// Device is an MFA device of a user. Each of its codes works once.
type Device struct {
	UserARN string
	Codes   []string
}

// Failure is an error that AWS answers with.
type Failure struct {
	Status        int
	Code, Message string
}

// Server is an AWS for one test. Set the fields before the first request.
type Server struct {
	*httptest.Server
	// Keys are those of users and roles; sessions add theirs.
	Keys []Key
	// Devices by serial.
	Devices map[string]*Device
	// Roles that can be assumed: ARN to the accounts that may.
	Roles map[string][]string
	// Parameters of Systems Manager, by ACCOUNT/REGION/NAME, the name with its leading slash.
	Parameters map[string]string
	// Stacks of CloudFormation by name, in every region.
	Stacks map[string]*Stack
	// Fail answers these actions with an error.
	Fail map[string]Failure
	// Deny refuses an action to the user or role session with an ARN.
	Deny map[string]string
	// SSOToken is the access token of a login, which gets the credentials of role SSORole.
	SSOToken, SSORole string
	// Lifetime is how long sessions last whatever is asked for. Default: as asked.
	Lifetime time.Duration
	// Clock is how far this AWS is ahead of the machine.
	Clock time.Duration
	// Answering is called before each answer, with the action.
	Answering func(action string)

	mu    sync.Mutex
	calls map[string][]url.Values
	made  int
}

// New starts a server without users; Close ends it.
func New() *Server {
	s := &Server{Devices: map[string]*Device{}, Roles: map[string][]string{}, Parameters: map[string]string{}, Fail: map[string]Failure{}, calls: map[string][]url.Values{}}
	s.Server = httptest.NewServer(s)
	return s
}

// Calls are the parameters of each call of an action so far, refused ones included.
func (s *Server) Calls(action string) []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls[action])
}

// ServeHTTP answers as AWS does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	form, action, isJSON := url.Values{}, "", true
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		_, action, _ = strings.Cut(target, ".")
		var fields map[string]any
		_ = json.Unmarshal(body, &fields)
		for k, v := range fields {
			form.Set(k, fmt.Sprint(v))
		}
	case r.URL.Path == "/federation/credentials":
		action, form = "GetRoleCredentials", r.URL.Query()
	default:
		isJSON = false
		form, _ = url.ParseQuery(string(body))
		action = form.Get("Action")
	}
	if s.Answering != nil {
		s.Answering(action)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[action] = append(s.calls[action], form)
	answer, failure := s.answer(r, body, action, form)
	if failure != nil {
		respond(w, isJSON, failure.Status, failureBody(isJSON, failure))
		return
	}
	if isJSON {
		text, _ := json.Marshal(answer)
		respond(w, true, http.StatusOK, text)
		return
	}
	respond(w, false, http.StatusOK, fmt.Appendf(nil, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, answer))
}

func respond(w http.ResponseWriter, isJSON bool, status int, body []byte) {
	w.Header().Set("Content-Type", "text/xml")
	if isJSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func failureBody(isJSON bool, f *Failure) []byte {
	if isJSON {
		text, _ := json.Marshal(map[string]string{"__type": f.Code, "message": f.Message})
		return text
	}
	return fmt.Appendf(nil, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", f.Code, escape(f.Message))
}

func (s *Server) now() time.Time { return time.Now().Add(s.Clock) }

func (s *Server) answer(r *http.Request, body []byte, action string, form url.Values) (any, *Failure) {
	if f, ok := s.Fail[action]; ok {
		return nil, &f
	}
	switch action {
	case "AssumeRoleWithWebIdentity": // unsigned
		if form.Get("WebIdentityToken") != "token-of-"+form.Get("RoleArn") {
			return nil, &Failure{400, "InvalidIdentityToken", "the token is not of the role"}
		}
		return s.session(assumed(form), time.Hour), nil
	case "GetRoleCredentials": // unsigned
		if r.Header.Get("X-Amz-Sso_bearer_token") != s.SSOToken {
			return nil, &Failure{401, "UnauthorizedException", "Session token not found or invalid"}
		}
		k := s.newKey(s.SSORole)
		return map[string]any{"roleCredentials": map[string]any{
			"accessKeyId": k.ID, "secretAccessKey": k.Secret, "sessionToken": k.Token, "expiration": s.now().Add(time.Hour).UnixMilli(),
		}}, nil
	}
	caller, region, failure := s.verify(r, body)
	if failure != nil {
		return nil, failure
	}
	account := strings.Split(caller.ARN, ":")[4]
	if s.Deny[action] == caller.ARN {
		return nil, &Failure{400, "AccessDeniedException", caller.ARN + " may not " + action}
	}
	switch action {
	case "GetCallerIdentity":
		return fmt.Sprintf("<Account>%s</Account><Arn>%s</Arn>", account, caller.ARN), nil
	case "GetSessionToken":
		return s.sessionToken(caller, form)
	case "AssumeRole":
		if !slices.Contains(s.Roles[form.Get("RoleArn")], account) {
			return nil, &Failure{403, "AccessDenied", "User: " + caller.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + form.Get("RoleArn")}
		}
		if serial := form.Get("SerialNumber"); serial != "" {
			if f := s.spend(caller, serial, form.Get("TokenCode")); f != nil {
				return nil, f
			}
		}
		return s.session(assumed(form), time.Hour), nil
	case "GetParameter":
		value, ok := s.Parameters[account+"/"+region+form.Get("Name")]
		if !ok {
			return nil, &Failure{400, "ParameterNotFound", ""}
		}
		return map[string]any{"Parameter": map[string]string{"Name": form.Get("Name"), "Value": value}}, nil
	case "GetParametersByPath":
		found := []map[string]string{}
		for name, value := range s.Parameters {
			if here, ok := strings.CutPrefix(name, account+"/"+region); ok && strings.HasPrefix(here, form.Get("Path")) {
				found = append(found, map[string]string{"Name": here, "Value": value})
			}
		}
		return map[string]any{"Parameters": found}, nil
	}
	return s.cloudFormation(action, form)
}

// sessionToken is GetSessionToken with the rules of its documentation.
func (s *Server) sessionToken(caller Key, form url.Values) (any, *Failure) {
	if caller.Token != "" {
		return nil, &Failure{403, "AccessDenied", "Cannot call GetSessionToken with session credentials"}
	}
	seconds, err := strconv.Atoi(form.Get("DurationSeconds"))
	if err != nil || seconds < 900 || seconds > 129600 {
		return nil, &Failure{400, "ValidationError", "DurationSeconds must be between 900 and 129600"}
	}
	if f := s.spend(caller, form.Get("SerialNumber"), form.Get("TokenCode")); f != nil {
		return nil, f
	}
	if strings.HasSuffix(caller.ARN, ":root") {
		seconds = min(seconds, 3600)
	}
	lifetime := time.Duration(seconds) * time.Second
	if s.Lifetime != 0 {
		lifetime = s.Lifetime
	}
	return s.session(caller.ARN, lifetime), nil
}

// spend takes a code of a device.
func (s *Server) spend(caller Key, serial, code string) *Failure {
	d := s.Devices[serial]
	if d == nil || d.UserARN != caller.ARN {
		return &Failure{403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."}
	}
	i := slices.Index(d.Codes, code)
	if i < 0 {
		return &Failure{403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "}
	}
	d.Codes = slices.Delete(d.Codes, i, i+1)
	return nil
}

// assumed is the ARN of a role's session.
func assumed(form url.Values) string {
	return strings.Replace(strings.Replace(form.Get("RoleArn"), ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1) + "/" + form.Get("RoleSessionName")
}

func (s *Server) newKey(arn string) Key {
	s.made++
	// Characters that shells and XML read as something else.
	k := Key{ID: fmt.Sprintf("ASIAFAKE%012d", s.made), Secret: fmt.Sprintf("secret'of/session+%d", s.made), Token: fmt.Sprintf("token'$(of)&session==%d", s.made), ARN: arn}
	s.Keys = append(s.Keys, k)
	return k
}

func (s *Server) session(arn string, lifetime time.Duration) string {
	k := s.newKey(arn)
	return fmt.Sprintf("<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials>",
		k.ID, escape(k.Secret), escape(k.Token), s.now().Add(lifetime).UTC().Format(time.RFC3339))
}

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// verify finds the caller and signs the request anew: the signatures must be the same.
func (s *Server) verify(r *http.Request, body []byte) (Key, string, *Failure) {
	refused := &Failure{403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."}
	header := r.Header.Get("Authorization")
	fields := map[string]string{}
	for f := range strings.SplitSeq(strings.TrimPrefix(header, "AWS4-HMAC-SHA256 "), ", ") {
		name, value, _ := strings.Cut(f, "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if len(scope) != 5 || err != nil {
		return Key{}, "", &Failure{403, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	i := slices.IndexFunc(s.Keys, func(k Key) bool { return k.ID == scope[0] })
	if i < 0 || s.Keys[i].Token != r.Header.Get("X-Amz-Security-Token") {
		return Key{}, "", &Failure{403, "InvalidClientTokenId", "The security token included in the request is invalid."}
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return Key{}, "", refused
	}
	for name := range strings.SplitSeq(fields["SignedHeaders"], ";") {
		if v := r.Header.Values(name); len(v) > 0 {
			again.Header[http.CanonicalHeaderKey(name)] = v
		}
	}
	sum := sha256.Sum256(body)
	key := s.Keys[i]
	err = v4.NewSigner().SignHTTP(r.Context(), aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret, SessionToken: key.Token}, again,
		hex.EncodeToString(sum[:]), scope[3], scope[2], at)
	if err != nil || again.Header.Get("Authorization") != header {
		return Key{}, "", refused
	}
	if off := s.now().Sub(at); off.Abs() > 5*time.Minute {
		return Key{}, "", &Failure{403, "SignatureDoesNotMatch", "Signature expired: " + at.String() + " is now earlier than " + s.now().String()}
	}
	return key, scope[2], nil
}
