package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"os"
	"strconv"
	"strings"

	"github.com/Shopify/sarama"
)

// Arguments: the mechanism, or "-"; user and password, or token; in the environment CA, CERTIFICATE and KEY as PEM.
func secure(arguments []string) *sarama.Config {
	c := configuration()
	c.Metadata.Retry.Max = 1
	if ca := os.Getenv("CA"); ca != "" {
		pool := x509.NewCertPool()
		expect(pool.AppendCertsFromPEM([]byte(ca)), "certificates", ca)
		c.Net.TLS.Enable = true
		c.Net.TLS.Config = &tls.Config{RootCAs: pool}
	}
	if certificate := os.Getenv("CERTIFICATE"); certificate != "" {
		pair, err := tls.X509KeyPair([]byte(certificate), []byte(os.Getenv("KEY")))
		check(err)
		c.Net.TLS.Config.Certificates = []tls.Certificate{pair}
	}
	if len(arguments) == 0 || arguments[0] == "-" {
		return c
	}
	mechanism := sarama.SASLMechanism(arguments[0])
	c.Net.SASL.Enable = true
	c.Net.SASL.Mechanism = mechanism
	if mechanism == sarama.SASLTypeOAuth {
		c.Net.SASL.TokenProvider = token(arguments[1])
		return c
	}
	c.Net.SASL.User = arguments[1]
	c.Net.SASL.Password = arguments[2]
	c.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient {
		if mechanism == sarama.SASLTypeSCRAMSHA512 {
			return &scram{hash: sha512.New}
		}
		return &scram{hash: sha256.New}
	}
	return c
}

func login(arguments []string) {
	c := secure(arguments)
	send(c, numbered(3))
	m := join(c, 3)
	until("reading", func() bool { return m.count() == 3 })
	m.leave()
}

// Says why it is not let in.
func refused(arguments []string) {
	_, err := sarama.NewClient(bootstrap, secure(arguments))
	expect(err != nil, "refused")
	fmt.Println(err)
}

type token string

func (t token) Token() (*sarama.AccessToken, error) {
	return &sarama.AccessToken{Token: string(t)}, nil
}

// SCRAM by RFC 5802, which sarama leaves to its user.
type scram struct {
	hash           func() hash.Hash
	user, password string
	first, nonce   string
	step           int
	signature      []byte
}

func (s *scram) Begin(user, password, _ string) error {
	raw := make([]byte, 18)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	s.user = strings.NewReplacer("=", "=3D", ",", "=2C").Replace(user)
	s.password = password
	s.nonce = base64.StdEncoding.EncodeToString(raw)
	return nil
}

func (s *scram) Done() bool { return s.step == 3 }

func (s *scram) Step(challenge string) (string, error) {
	s.step++
	switch s.step {
	case 1:
		s.first = "n=" + s.user + ",r=" + s.nonce
		return "n,," + s.first, nil
	case 2:
		return s.proof(challenge)
	default:
		if challenge != "v="+base64.StdEncoding.EncodeToString(s.signature) {
			return "", errors.New("the server does not know the password: " + challenge)
		}
		return "", nil
	}
}

func (s *scram) proof(challenge string) (string, error) {
	fields := map[string]string{}
	for _, field := range strings.Split(challenge, ",") {
		if len(field) > 2 && field[1] == '=' {
			fields[field[:1]] = field[2:]
		}
	}
	salt, err := base64.StdEncoding.DecodeString(fields["s"])
	if err != nil {
		return "", err
	}
	iterations, err := strconv.Atoi(fields["i"])
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(fields["r"], s.nonce) {
		return "", errors.New("another's nonce: " + challenge)
	}
	salted := s.salted(salt, iterations)
	bare := "c=biws,r=" + fields["r"]
	message := s.first + "," + challenge + "," + bare
	key := s.mac(salted, "Client Key")
	digest := s.hash()
	digest.Write(key)
	mask := s.mac(digest.Sum(nil), message)
	for i := range key {
		key[i] ^= mask[i]
	}
	s.signature = s.mac(s.mac(salted, "Server Key"), message)
	return bare + ",p=" + base64.StdEncoding.EncodeToString(key), nil
}

func (s *scram) mac(key []byte, message string) []byte {
	mac := hmac.New(s.hash, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// The first block of PBKDF2, which is as long as the hash.
func (s *scram) salted(salt []byte, iterations int) []byte {
	block := make([]byte, 4)
	binary.BigEndian.PutUint32(block, 1)
	last := s.mac([]byte(s.password), string(salt)+string(block))
	sum := append([]byte{}, last...)
	for i := 1; i < iterations; i++ {
		last = s.mac([]byte(s.password), string(last))
		for j := range sum {
			sum[j] ^= last[j]
		}
	}
	return sum
}
