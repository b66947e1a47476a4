package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	awsSDK     = "github.com/aws/"
	genesysSDK = "github.com/mypurecloud/"
)

// mayImport is the table of rooms: what of ours each may import, beside itself. A package that is not in it
// belongs to the room in whose folder it lies.
var mayImport = map[string][]string{
	"rehook":                    {"rehook/cmd"},
	"rehook/cmd":                {"rehook/..."},
	"rehook/cmd/config":         {},
	"rehook/retry":              {"rehook/retry/deadletter", "rehook/retry/delivery", "rehook/retry/filter", "rehook/retry/record"},
	"rehook/retry/deadletter":   {},
	"rehook/retry/filter":       {"rehook/retry/deadletter"},
	"rehook/retry/delivery":     {"rehook/retry/deadletter"},
	"rehook/retry/record":       {"rehook/retry/deadletter"},
	"rehook/retry/remote":       {"rehook/retry", "rehook/retry/deadletter"},
	"rehook/sqsclient":          {"rehook/retry/deadletter"},
	"rehook/sqsclient/localsqs": {},
	"rehook/genesys":            {},
	"rehook/genesys/cloud":      {"rehook/genesys"},
	"rehook/genesys/listener":   {"rehook/retry/deadletter", "rehook/retry/delivery"},
	"rehook/genesys/simulator":  {},
	"rehook/ui":                 {"rehook/retry", "rehook/retry/deadletter", "rehook/retry/filter", "rehook/genesys", "rehook/ui/plain", "rehook/ui/jsontree", "rehook/ui/linediff"},
	"rehook/ui/plain":           {},
	"rehook/ui/jsontree":        {"rehook/ui/plain"},
	"rehook/ui/linediff":        {},
	"rehook/ui/sshserver":       {"rehook/ui"},
}

// pkg is what "go list" says of one package.
type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

// all gives the package's imports, its tests' included.
func (p pkg) all() []string { return slices.Concat(p.Imports, p.TestImports, p.XTestImports) }

// openSources opens every Go file. What "go list" reads is not an input of this test to the go command, which would
// give its cached result although an import has changed.
func openSources(t *testing.T) {
	t.Helper()
	root, err := os.OpenRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }() // it was only read
	err = filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git":
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		_, err = root.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func packages(t *testing.T) []pkg {
	t.Helper()
	openSources(t)
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...").Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var found []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return found
		case err != nil:
			t.Fatal(err)
		}
		found = append(found, p)
	}
}

// room gives the entry of the table that a package belongs to.
func room(importPath string) string {
	for ; importPath != "rehook"; importPath = path.Dir(importPath) {
		if _, ok := mayImport[importPath]; ok {
			return importPath
		}
	}
	return "rehook"
}

// TestImports is about what is built into the program. Tests may take parts of other rooms to stand in for the world;
// what holds for them too is said by the tests that look at all of a package's imports.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		for _, imported := range p.Imports {
			if imported != "rehook" && !strings.HasPrefix(imported, "rehook/") {
				continue
			}
			to := room(imported)
			if to != from && !slices.Contains(mayImport[from], to) && !slices.Contains(mayImport[from], "rehook/...") {
				t.Errorf("%s imports %s: %s may import %q of ours", p.ImportPath, imported, from, mayImport[from])
			}
		}
	}
}

func TestVendorsStayInTheirRooms(t *testing.T) {
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		for _, imported := range p.all() {
			switch {
			case strings.HasPrefix(imported, awsSDK) && from != "rehook/sqsclient" && from != "rehook/sqsclient/localsqs":
				t.Errorf("%s imports %s: the AWS SDK stays in sqsclient", p.ImportPath, imported)
			case strings.HasPrefix(imported, genesysSDK) && from != "rehook/genesys/cloud":
				t.Errorf("%s imports %s: the Genesys SDK stays in genesys/cloud", p.ImportPath, imported)
			case imported == "rehook/genesys/cloud" && from != "rehook/cmd" && from != "rehook/genesys/cloud":
				t.Errorf("%s imports %s: only cmd waits for the Genesys SDK", p.ImportPath, imported)
			}
		}
	}
}

// TestLettersAreALeaf: a letter is bytes and rules. It needs the standard library alone, and of that nothing that
// reaches a network, a disk or a database.
func TestLettersAreALeaf(t *testing.T) {
	for _, p := range packages(t) {
		if room(p.ImportPath) != "rehook/retry/deadletter" {
			continue
		}
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			switch {
			case first == "rehook": // TestImports says which of ours
			case strings.Contains(first, "."):
				t.Errorf("%s imports %s: letters need the standard library alone", p.ImportPath, imported)
			case slices.Contains([]string{"net", "net/http", "io/fs", "syscall"}, imported),
				strings.HasPrefix(imported, "net/http/"), first == "os", first == "database":
				t.Errorf("%s imports %s: letters reach nothing outside", p.ImportPath, imported)
			}
		}
	}
}

// TestLocalSQSIsNoClient: the embedded server speaks the protocol by itself. Its tests call it as others do, through
// the AWS SDK.
func TestLocalSQSIsNoClient(t *testing.T) {
	for _, p := range packages(t) {
		if room(p.ImportPath) != "rehook/sqsclient/localsqs" {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, awsSDK) {
				t.Errorf("%s imports %s: only its tests may", p.ImportPath, imported)
			}
		}
	}
}

// TestRoomsNeverCompileTheGenesysSDK follows every path, through the imports of tests too.
func TestRoomsNeverCompileTheGenesysSDK(t *testing.T) {
	byPath := map[string]pkg{}
	for _, p := range packages(t) {
		byPath[p.ImportPath] = p
	}
	for importPath, p := range byPath {
		if !compilesWithoutSDK(importPath) {
			continue
		}
		needs := map[string]bool{}
		for _, imported := range p.all() {
			needs[imported] = true
			for _, dep := range byPath[imported].Deps {
				needs[dep] = true
			}
		}
		for dep := range maps.Keys(needs) {
			if strings.HasPrefix(dep, genesysSDK) {
				t.Errorf("%s depends on %s", importPath, dep)
			}
		}
	}
}

func compilesWithoutSDK(importPath string) bool {
	for _, outside := range []string{"rehook/cmd", "rehook/genesys/cloud"} {
		if room(importPath) == outside {
			return false
		}
	}
	return importPath != "rehook"
}

func TestNamesSayWhatAPackageIs(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers"}, path.Base(p.ImportPath)) {
			t.Errorf("%s is named after nothing", p.ImportPath)
		}
	}
}
