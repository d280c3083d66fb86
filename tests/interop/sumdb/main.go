// Sumdb puts golang.org/x/mod/sumdb, which this project did not write, beside crypto/tlog.
//
// "sumdb make" writes what Go computes as JSON (tests/vectors/tlog_go.json). "sumdb check" reads what our code computed
// and says of each claim whether Go accepts it. Run with GO111MODULE=off and GOPATH=/usr/share/gocode (Debian's
// golang-golang-x-mod-dev).
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// memory is a tlog.HashReader over stored hashes.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(m)) {
			return nil, fmt.Errorf("no stored hash %d", x)
		}
		out[i] = m[x]
	}
	return out, nil
}

// ours reads tiles by the path that our code gave them.
type ours map[string]string

func (o ours) Height() int                                { return height }
func (o ours) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (o ours) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		data, ok := o[c2spPath(t)]
		if !ok {
			return nil, fmt.Errorf("no tile %s", c2spPath(t))
		}
		raw, err := hex.DecodeString(data)
		if err != nil {
			return nil, err
		}
		out[i] = raw
	}
	return out, nil
}

// c2spPath is Go's path without the height, which C2SP fixes.
func c2spPath(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
}

func hexes(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

func hash(text string) (h tlog.Hash) {
	raw, err := hex.DecodeString(text)
	must(err)
	if len(raw) != len(h) {
		panic("not a hash")
	}
	copy(h[:], raw)
	return h
}

func hashes(texts []string) []tlog.Hash {
	out := []tlog.Hash{}
	for _, t := range texts {
		out = append(out, hash(t))
	}
	return out
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

type root struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}
type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}
type consistency struct {
	Old   int64    `json:"old"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}
type path struct {
	Level int    `json:"level"`
	Index int64  `json:"index"`
	Width int    `json:"width"`
	Path  string `json:"path"`
}
type growth struct {
	Old   int64    `json:"old"`
	Size  int64    `json:"size"`
	Paths []string `json:"paths"`
}

func make_() {
	sizes := []int64{255, 256, 257, 511, 512, 513, 1000, 65535, 65536, 65537, 70000}
	for n := int64(0); n <= 70; n++ {
		sizes = append(sizes, n)
	}
	var stored memory
	heads := map[int64]tlog.Hash{}
	largest := int64(70000)
	wanted := map[int64]bool{}
	for _, n := range sizes {
		wanted[n] = true
	}
	out := map[string]interface{}{}
	var roots []root
	for n := int64(0); n <= largest; n++ {
		if wanted[n] {
			h, err := tlog.TreeHash(n, stored)
			must(err)
			heads[n] = h
			roots = append(roots, root{n, hex.EncodeToString(h[:])})
		}
		if n < largest {
			more, err := tlog.StoredHashes(n, []byte(fmt.Sprintf("entry %d", n)), stored)
			must(err)
			stored = append(stored, more...)
		}
	}
	out["roots"] = roots

	var inclusions []inclusion
	for _, pair := range [][2]int64{{0, 1}, {0, 2}, {1, 2}, {2, 3}, {6, 7}, {3, 8}, {255, 256}, {256, 257}, {100, 511}, {512, 513}, {0, 1000}, {999, 1000}, {65535, 65536}, {65536, 65537}, {12345, 70000}, {69999, 70000}, {65536, 70000}} {
		p, err := tlog.ProveRecord(pair[1], pair[0], stored)
		must(err)
		inclusions = append(inclusions, inclusion{pair[0], pair[1], hexes(p)})
	}
	out["inclusion"] = inclusions

	var consistencies []consistency
	for _, pair := range [][2]int64{{1, 2}, {1, 3}, {2, 3}, {3, 7}, {4, 7}, {6, 7}, {7, 7}, {255, 256}, {255, 257}, {256, 257}, {257, 513}, {512, 1000}, {65535, 65536}, {65536, 65537}, {1000, 70000}, {65537, 70000}} {
		p, err := tlog.ProveTree(pair[1], pair[0], stored)
		must(err)
		consistencies = append(consistencies, consistency{pair[0], pair[1], hexes(p)})
	}
	out["consistency"] = consistencies

	var paths []path
	for _, t := range []tlog.Tile{{H: 8, L: 0, N: 0, W: 256}, {H: 8, L: 0, N: 0, W: 1}, {H: 8, L: 0, N: 999, W: 255}, {H: 8, L: 1, N: 1000, W: 256}, {H: 8, L: 0, N: 1234067, W: 256}, {H: 8, L: 3, N: 1234067, W: 17}, {H: 8, L: 63, N: 0, W: 1}, {H: 8, L: 0, N: 36028797018963967, W: 255}, {H: 8, L: 0, N: 1<<63 - 1, W: 256}} {
		paths = append(paths, path{t.L, t.N, t.W, c2spPath(t)})
	}
	out["paths"] = paths

	var growths []growth
	for _, pair := range [][2]int64{{0, 0}, {0, 1}, {0, 256}, {0, 257}, {5, 9}, {255, 256}, {256, 513}, {1000, 1000}, {65535, 65537}, {69000, 70000}} {
		all := []string{}
		for _, t := range tlog.NewTiles(height, pair[0], pair[1]) {
			all = append(all, c2spPath(t))
		}
		growths = append(growths, growth{pair[0], pair[1], all})
	}
	out["new_tiles"] = growths

	var tiles []map[string]string
	for _, t := range tlog.NewTiles(height, 0, 600) {
		if n := 600 >> uint(8*t.L); t.W != 256 && t.W != n%256 {
			continue
		}
		data, err := tlog.ReadTileData(t, stored)
		must(err)
		digest := sha256.Sum256(data)
		tiles = append(tiles, map[string]string{"path": c2spPath(t), "sha256": hex.EncodeToString(digest[:])})
	}
	out["tiles_of_600"] = tiles

	skey, vkey, err := note.GenerateKey(strings.NewReader("clearline vectors 32 bytes of it"), "log.example/2026")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	h := heads[70000]
	text := "log.example/2026\n70000\n" + h.String() + "\n"
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	poem := "a text\n\nwith an empty line and \u00fc\u6c49\n"
	verse, err := note.Sign(&note.Note{Text: poem}, signer)
	must(err)
	out["notes"] = map[string]string{"vkey": vkey, "skey": skey, "checkpoint": string(signed), "poem": string(verse)}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	must(encoder.Encode(out))
}

type claims struct {
	Vkeys      []string `json:"vkeys"`
	Notes      []string `json:"notes"`
	Paths      []string `json:"paths"`
	Inclusions []struct {
		Leaf, Root  string
		Index, Size int64
		Proof       []string
	} `json:"inclusions"`
	Consistencies []struct {
		OldRoot, Root string
		Old, Size     int64
		Proof         []string
	} `json:"consistencies"`
	Trees []struct {
		Size   int64
		Root   string
		Tiles  ours
		Leaves map[string]string
	} `json:"trees"`
}

func says(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func check() {
	raw, err := io.ReadAll(os.Stdin)
	must(err)
	var c claims
	must(json.Unmarshal(raw, &c))
	out := map[string][]string{"vkeys": {}, "notes": {}, "paths": {}, "inclusions": {}, "consistencies": {}, "trees": {}}
	add := func(what string, err error) { out[what] = append(out[what], says(err)) }
	var known []note.Verifier
	for _, k := range c.Vkeys {
		v, err := note.NewVerifier(k)
		add("vkeys", err)
		if err == nil {
			known = append(known, v)
		}
	}
	for _, n := range c.Notes {
		_, err := note.Open([]byte(n), note.VerifierList(known...))
		add("notes", err)
	}
	for _, p := range c.Paths {
		_, err := tlog.ParseTilePath(strings.Replace(p, "tile/", "tile/8/", 1))
		add("paths", err)
	}
	for _, p := range c.Inclusions {
		add("inclusions", tlog.CheckRecord(hashes(p.Proof), p.Size, hash(p.Root), p.Index, hash(p.Leaf)))
	}
	for _, p := range c.Consistencies {
		add("consistencies", tlog.CheckTree(hashes(p.Proof), p.Size, hash(p.Root), p.Old, hash(p.OldRoot)))
	}
	for _, t := range c.Trees {
		add("trees", func() error {
			reader := tlog.TileHashReader(tlog.Tree{N: t.Size, Hash: hash(t.Root)}, t.Tiles)
			for at, leaf := range t.Leaves {
				index, err := strconv.ParseInt(at, 10, 64)
				if err != nil {
					return err
				}
				got, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
				if err != nil {
					return err
				}
				if got[0] != hash(leaf) {
					return fmt.Errorf("leaf %d is another", index)
				}
				// Before v0.40.0 TileHashReader leaves up to two tiles unchecked (CVE-2026-56865), and Debian's is
				// v0.7.0. A proof made of such hashes does not lead to the root, so it is the proof that is believed.
				proof, err := tlog.ProveRecord(t.Size, index, reader)
				if err != nil {
					return err
				}
				if err := tlog.CheckRecord(proof, t.Size, hash(t.Root), index, hash(leaf)); err != nil {
					return err
				}
			}
			return nil
		}())
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "make":
		make_()
	case len(os.Args) == 2 && os.Args[1] == "check":
		check()
	default:
		fmt.Fprintln(os.Stderr, "usage: sumdb make | sumdb check < claims.json")
		os.Exit(2)
	}
}
