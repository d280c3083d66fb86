// Logclient audits a served log with golang.org/x/mod/sumdb, which this project did not write.
//
// "logclient URL VKEY [SIZE ROOT]" opens the checkpoint, proves every entry of every bundle to be the record of its
// index, and, given an earlier head, proves that the log extends it. It says nothing and ends with 0, or says what is
// wrong and ends with 1. Run with GO111MODULE=off and GOPATH=/usr/share/gocode (Debian's golang-golang-x-mod-dev).
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8
const width = 1 << height

// served is a log at a URL; what was read once is not asked for again.
type served struct {
	url  string
	read map[string][]byte
}

func (s served) get(path string) ([]byte, error) {
	if body, ok := s.read[path]; ok {
		return body, nil
	}
	answer, err := http.Get(s.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	if err == nil {
		s.read[path] = body
	}
	return body, err
}

func (s served) Height() int                                { return height }
func (s served) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (s served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		// C2SP fixes the height, so it is not in the path.
		data, err := s.get("tile/" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height)))
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

func (s served) head(vkey string) (tlog.Tree, error) {
	var tree tlog.Tree
	raw, err := s.get("checkpoint")
	if err != nil {
		return tree, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// entries reads bundle n, which has count entries.
func (s served) entries(n, count int64) ([][]byte, error) {
	path := fmt.Sprintf("%03d", n%1000)
	for rest := n / 1000; rest > 0; rest /= 1000 {
		path = fmt.Sprintf("x%03d/%s", rest%1000, path)
	}
	if count < width {
		path += fmt.Sprintf(".p/%d", count)
	}
	data, err := s.get("tile/entries/" + path)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("bundle %d is cut off", n)
		}
		length := int(binary.BigEndian.Uint16(data))
		out, data = append(out, data[2:2+length]), data[2+length:]
	}
	if int64(len(out)) != count {
		return nil, fmt.Errorf("bundle %d has %d entries and not %d", n, len(out), count)
	}
	return out, nil
}

func (s served) audit(vkey string, old *tlog.Tree) error {
	tree, err := s.head(vkey)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, s)
	for first := int64(0); first < tree.N; first += width {
		count := tree.N - first
		if count > width {
			count = width
		}
		entries, err := s.entries(first/width, count)
		if err != nil {
			return err
		}
		for at, entry := range entries {
			index := first + int64(at)
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return err
			}
		}
	}
	if old == nil {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func main() {
	var old *tlog.Tree
	if len(os.Args) == 5 {
		size, err := strconv.ParseInt(os.Args[3], 10, 64)
		if err != nil {
			panic(err)
		}
		hash, err := tlog.ParseHash(os.Args[4])
		if err != nil {
			panic(err)
		}
		old = &tlog.Tree{N: size, Hash: hash}
	}
	log := served{url: os.Args[1], read: map[string][]byte{}}
	if err := log.audit(os.Args[2], old); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
