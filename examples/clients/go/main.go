// Activate asks a Clearline gateway about an applicant, asks again before the line is opened, and reports the outcome.
//
//	activate URL TOKEN_FILE APPLICANT_FILE
//
// The applicant's file is the body of POST /check and names an order. The program ends with 0 when the outcome is
// reported, 1 when the gateway refuses, and 3 when it cannot answer.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	attempts   = 4
	mostAnswer = 1 << 20
)

type spoken struct {
	Clerk     []string `json:"clerk"`
	Applicant []string `json:"applicant"`
}

type decision struct {
	Decision string   `json:"decision"`
	Reasons  []string `json:"reasons"`
	Quote    *struct {
		Reference string `json:"reference"`
		TotalFen  int64  `json:"total_fen"`
	} `json:"quote"`
	OrderKept bool              `json:"order_kept"`
	Changed   bool              `json:"changed"`
	Texts     map[string]spoken `json:"texts"`
}

type quote struct {
	Creditors []struct {
		Name     string `json:"creditor_name"`
		HowToPay string `json:"how_to_pay"`
		TotalFen int64  `json:"total_fen"`
	} `json:"creditors"`
}

type outcome struct {
	Order   string `json:"order"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
}

type reported struct {
	Basis    string `json:"basis"`
	Obeyed   string `json:"obeyed"`
	Revision int    `json:"revision"`
}

// A refusal is a problem document (RFC 9457). Its type is stable; its errors name members and never values.
type refusal struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Status int    `json:"status"`
	Errors []struct {
		Field string `json:"field"`
		Code  string `json:"code"`
	} `json:"errors"`
}

func (r *refusal) Error() string {
	said := fmt.Sprintf("%d %s: %s %s", r.Status, r.Type, r.Title, r.Detail)
	for _, each := range r.Errors {
		said += fmt.Sprintf(" [%s: %s]", each.Field, each.Code)
	}
	return said
}

var errUnavailable = errors.New("the gateway cannot answer now")

type gateway struct {
	url, token string
	http       *http.Client
}

// call sends one request and repeats it while the gateway is unavailable. Every call of this program may be repeated.
func (g *gateway) call(method, path string, body []byte, answer any) error {
	for attempt := 0; ; attempt++ {
		wait, err := g.once(method, path, body, answer)
		if !errors.Is(err, errUnavailable) || attempt == attempts-1 {
			return err
		}
		if wait == 0 {
			wait = time.Second << attempt
		}
		time.Sleep(wait)
	}
}

func (g *gateway) once(method, path string, body []byte, answer any) (time.Duration, error) {
	request, err := http.NewRequest(method, g.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+g.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := g.http.Do(request)
	if err != nil {
		return 0, fmt.Errorf("%w: %v", errUnavailable, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return 0, fmt.Errorf("%w: %v", errUnavailable, err)
	}
	if response.StatusCode < 300 {
		return 0, json.Unmarshal(text, answer)
	}
	problem := &refusal{Status: response.StatusCode}
	if err := json.Unmarshal(text, problem); err != nil {
		return 0, fmt.Errorf("status %d without a problem document", response.StatusCode)
	}
	if response.StatusCode == http.StatusServiceUnavailable {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, fmt.Errorf("%w: %v", errUnavailable, problem)
	}
	return 0, problem
}

func (g *gateway) post(path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return g.call(http.MethodPost, path, text, answer)
}

// outcomeOf obeys the decision: a line that was not allowed is not opened. It acts on codes, never on sentences.
func outcomeOf(order, decided string) outcome {
	switch decided {
	case "ALLOW":
		return outcome{Order: order, Outcome: "ACTIVATED"}
	case "PREPAID_ONLY":
		return outcome{Order: order, Outcome: "PREPAID"}
	case "PAY_FIRST":
		return outcome{Order: order, Outcome: "DECLINED", Reason: "NOT_PAID"}
	default:
		return outcome{Order: order, Outcome: "DECLINED", Reason: "OTHER"}
	}
}

func run(url, tokenFile, applicantFile string) error {
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		return err
	}
	applicant, err := os.ReadFile(applicantFile)
	if err != nil {
		return err
	}
	var named struct {
		Order string `json:"order"`
	}
	if err := json.Unmarshal(applicant, &named); err != nil || named.Order == "" {
		return errors.New("the applicant's file has to be JSON and to name an order")
	}
	g := &gateway{url: url, token: strings.TrimSpace(string(token)), http: &http.Client{Timeout: 35 * time.Second}}

	var first decision
	if err := g.call(http.MethodPost, "/check", applicant, &first); err != nil {
		return err
	}
	fmt.Println("checked", first.Decision, strings.Join(first.Reasons, "+"))
	for _, texts := range first.Texts {
		for _, sentence := range texts.Clerk {
			fmt.Println("  clerk:", sentence)
		}
	}
	if !first.OrderKept {
		return errors.New("the gateway could not keep the order: check it again before it is opened")
	}
	if first.Quote != nil {
		var owed quote
		if err := g.call(http.MethodGet, "/quotes/"+first.Quote.Reference, nil, &owed); err != nil {
			return err
		}
		for _, each := range owed.Creditors {
			fmt.Printf("  owed to %s: %d.%02d yuan, %s\n", each.Name, each.TotalFen/100, each.TotalFen%100, each.HowToPay)
		}
	}

	var again decision
	if err := g.post("/recheck", map[string]string{"order": named.Order}, &again); err != nil {
		return err
	}
	fmt.Println("rechecked", again.Decision, "changed", again.Changed)

	told := outcomeOf(named.Order, again.Decision)
	var answer reported
	if err := g.post("/activations", told, &answer); err != nil {
		return err
	}
	fmt.Println("reported", told.Outcome, answer.Basis, "obeyed", answer.Obeyed, "revision", answer.Revision)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: activate URL TOKEN_FILE APPLICANT_FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if errors.Is(err, errUnavailable) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}
