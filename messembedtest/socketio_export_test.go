package messembedtest

// Emit sends an event to every connected administrator, as a new message does, and waits as the
// response to its sender does.
func (s *Server) Emit(event, data string) {
	s.liveEvents.Emit(event, []byte(data))
	s.liveEvents.Settle()
}
