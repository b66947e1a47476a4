package retry

import (
	"encoding/json"
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// eventJSON is any event as [AppendEvent] writes it.
type eventJSON struct {
	At            time.Time    `json:"at"`
	Event         string       `json:"event"`
	ID            string       `json:"id"`
	Endpoint      string       `json:"endpoint"`
	Status        int          `json:"status"`
	LatencyMS     int64        `json:"latency_ms"`
	RetryCount    int          `json:"retry_count"`
	NextAttemptAt time.Time    `json:"next_attempt_at"`
	BackoffMS     int64        `json:"backoff_ms"`
	Error         string       `json:"error"`
	Reason        string       `json:"reason"`
	By            string       `json:"by"`
	State         BreakerState `json:"state"`
	Until         time.Time    `json:"until"`
	Queue         string       `json:"queue"`
	Message       string       `json:"message"`
	Hint          string       `json:"hint"`
	Kind          AlertKind    `json:"kind"`
	depthJSON
}

// ReadEvent reads what [AppendEvent] has written, to the millisecond.
func ReadEvent(text []byte) (Event, error) {
	var j eventJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	at := At{j.At}
	switch j.Event {
	case "captured":
		return Captured{at, j.ID, j.Endpoint, j.Status, j.RetryCount}, nil
	case "received":
		return Received{at, j.ID, j.Endpoint, j.Status, j.RetryCount}, nil
	case "scheduled":
		return Scheduled{at, j.ID, j.Endpoint, j.RetryCount, j.NextAttemptAt, millisOf(j.BackoffMS)}, nil
	case "attempting":
		return Attempting{at, j.ID, j.Endpoint, j.RetryCount}, nil
	case "delivered":
		return Delivered{at, j.ID, j.Endpoint, j.Status, millisOf(j.LatencyMS), j.RetryCount}, nil
	case "failed":
		return Failed{at, j.ID, j.Endpoint, j.Status, millisOf(j.LatencyMS), j.RetryCount, j.Error}, nil
	case "parked":
		return Parked{at, j.ID, j.Endpoint, deadletter.ParkReason(j.Reason)}, nil
	case "released":
		return Released{at, j.ID, j.By}, nil
	case "deleted":
		return Deleted{at, j.ID, j.By}, nil
	case "edited":
		return Edited{at, j.ID, j.By}, nil
	case "held":
		return Held{at, j.ID, j.By}, nil
	case "lease_lost":
		return LeaseLost{at, j.ID}, nil
	case "breaker":
		return BreakerMoved{at, j.Endpoint, j.State, j.Until}, nil
	case "depth":
		return DepthRead{at, j.Queue, deadletter.Depth(j.depthJSON)}, nil
	case "error":
		return Trouble{at, j.Message, j.Hint}, nil
	case "alert":
		return Alert{at, j.Kind, j.Endpoint, j.ID, j.Message, j.Hint}, nil
	default:
		return nil, fmt.Errorf("read an event: unknown kind %q", j.Event)
	}
}

func millisOf(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
