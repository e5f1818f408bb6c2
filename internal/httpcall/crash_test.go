package httpcall_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func TestCrash(t *testing.T) {
	t.Run("none", func(t *testing.T) {
		var crash httpcall.Crash
		ran := false
		crash.Guard(func() { ran = true })
		crash.GoOn()
		assert.True(t, ran)
		assert.False(t, crash.Happened())
	})
	t.Run("panic", func(t *testing.T) {
		var crash httpcall.Crash
		crash.Guard(func() { panic("first") })
		crash.Guard(func() { panic("second") })
		assert.True(t, crash.Happened())
		assert.PanicsWithValue(t, "first", crash.GoOn)
	})
	t.Run("Goexit", func(t *testing.T) {
		var crash httpcall.Crash
		returned := false
		var wg sync.WaitGroup
		wg.Go(func() { crash.Guard(runtime.Goexit) })
		wg.Wait()
		assert.True(t, crash.Happened())
		wg.Go(func() {
			crash.GoOn()
			returned = true
		})
		wg.Wait()
		assert.False(t, returned)
	})
}
