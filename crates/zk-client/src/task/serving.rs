use super::{
    Control, Order, Stop, Task,
    connection::{Connection, InFlight, Progress, Received},
};
use crate::{
    call::{Call, result_of},
    clock::BootInstant,
    connect_string::Host,
    error::Unknown,
    lease::Lease,
    session::{keepalive::Due, watches::Arming},
    state::{ConnectError, Ended},
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    Decoder, ErrorCode, OpCode,
    header::{ReplyHeader, xid},
    watch::{RemoveWatchesRequest, WatcherEvent, WatcherType},
};
use tokio::{
    task,
    time::{self, Instant},
};

/// How many requests are taken at once before the socket is looked at again.
const BATCH_MAX: usize = 128;

/// How many reads in a row are made before requests get their turn. More than the answers to what
/// is on its way fill as a rule, so that only a server that never falls silent is interrupted.
const READS_MAX: usize = 16;

impl Task {
    /// Serves a connection until it breaks or the session ends.
    pub(super) async fn serve(&mut self, mut connection: Connection, host: &Host) -> Stop {
        let session = format!("{:#x}", self.session.id);
        tracing::info!(%host, session, timeout = ?self.session.timeout, "connected to ZooKeeper");
        if self.closing.is_some() {
            connection.send_own(OpCode::CloseSession, &());
        }
        if connection.arming == 0 {
            self.watches.resync();
        }
        let now = self.config.clock.now();
        while let Some(call) = self.repeat.pop_front() {
            self.send(&mut connection, call, now);
        }
        let stop = loop {
            match self.step(&mut connection).await {
                Ok(()) => {}
                Err(stop) => break stop,
            }
        };
        self.unsettled(connection);
        stop
    }

    async fn step(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        let is_proof_wanted = self.is_proof_wanted(connection);
        let due_at = connection.keepalive.next(is_proof_wanted);
        let (count, len) = connection.room(self.config.in_flight_max);
        let has_room = count > 0 && len > 0;
        tokio::select! {
            biased;
            control = self.channels.controls.recv() => self.order(connection, control),
            progress = connection.progress() => match progress {
                Ok(Progress::Received) => {
                    self.receive(connection)?;
                    self.interrupt_reading(connection)?;
                    // Those who got their answers may have more to ask: let them, so that it goes
                    // out in one piece.
                    if connection.room(self.config.in_flight_max).0 > 0 {
                        task::yield_now().await;
                    }
                    Ok(())
                }
                Ok(Progress::Sent) => Ok(()),
                Err(error) => Err(Stop::Lost(error)),
            },
            () = self.channels.calls.ready(), if has_room => {
                connection.reads_in_a_row = 0;
                self.send_batch(connection);
                Ok(())
            }
            paths = self.channels.abandoned.next() => {
                for path in paths {
                    self.watches.tidy(&path);
                }
                self.unwatch(connection);
                Ok(())
            },
            () = time::sleep_until(due_at) => self.keep_alive(connection),
        }
    }

    /// Does what else is due: a server that floods its client with events would keep it from
    /// everything but reading them, until the session is over for want of a ping.
    fn interrupt_reading(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        connection.reads_in_a_row += 1;
        if connection.reads_in_a_row >= READS_MAX {
            connection.reads_in_a_row = 0;
            self.send_batch(connection);
        }
        // Something has just been received, so this never gives the server up.
        self.keep_alive(connection)
    }

    fn keep_alive(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        let is_proof_wanted = self.is_proof_wanted(connection);
        match connection.keepalive.due(Instant::now(), is_proof_wanted) {
            Due::Nothing => {}
            Due::Ping => connection.ping(),
            Due::Proof => connection.prove(self.config.clock.now()),
            Due::Dead => return Err(lost(std::io::Error::from(std::io::ErrorKind::TimedOut))),
        }
        Ok(())
    }

    fn is_proof_wanted(&self, connection: &Connection) -> bool {
        self.channels.lease.receiver_count() > 0 && !connection.is_read_only
    }

    fn order(&mut self, connection: &mut Connection, control: Option<Control>) -> Result<(), Stop> {
        let Some(Control { order, done }) = control else {
            return Err(Stop::Ended(Ended::Detached));
        };
        match order {
            Order::Close => {
                self.closing = Some(done);
                connection.send_own(OpCode::CloseSession, &());
                Ok(())
            }
            Order::Detach => {
                self.closing = Some(done);
                Err(Stop::Ended(Ended::Detached))
            }
            Order::Authenticate(credentials) => {
                connection.authenticate(&credentials.to_request());
                self.remember(credentials);
                Ok(())
            }
            Order::MoveTo(host) => {
                self.hosts.prefer(&host);
                Err(lost(ConnectError::ReadOnly))
            }
        }
    }

    fn send_batch(&mut self, connection: &mut Connection) {
        let (count, len) = connection.room(self.config.in_flight_max);
        let mut batch = std::mem::take(&mut self.batch);
        let count = count.min(BATCH_MAX);
        self.channels.calls.take(count, len, &mut batch);
        let now = self.config.clock.now();
        for call in batch.drain(..) {
            self.send(connection, call, now);
        }
        self.batch = batch;
    }

    fn send(&mut self, connection: &mut Connection, mut call: Call, now: BootInstant) {
        if !call.claim() {
            return;
        }
        if let Some(watch) = &mut call.watch {
            match self.watches.sending(watch) {
                Arming::OneShot(arm) => call.set_watch_flag(arm),
                Arming::Persistent(is_recursive) => call.set_watch_recursive(is_recursive),
            }
        }
        connection.send(call, now);
    }

    /// Takes everything that has come.
    fn receive(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        connection.keepalive.received(Instant::now());
        while let Some(received) = connection.take_frame().map_err(lost)? {
            match received {
                Received::Frame(frame) => self.frame(connection, frame)?,
                Received::TooLong { xid, length } => self.too_long(connection, xid, length)?,
            }
        }
        self.unwatch(connection);
        self.renew(connection);
        Ok(())
    }

    /// Moves the lease on to what the answers that have come prove.
    fn renew(&self, connection: &mut Connection) {
        if let Some(sent_at) = connection.proven_at.take() {
            let lease = Lease::new(sent_at, self.session.timeout);
            self.channels.lease.send_replace(Some(lease));
        }
    }

    fn frame(&mut self, connection: &mut Connection, frame: Bytes) -> Result<(), Stop> {
        let mut decoder = Decoder::new(frame);
        let header: ReplyHeader = decoder.read().map_err(lost)?;
        self.session.last_zxid = self.session.last_zxid.max(header.zxid);
        match header.xid {
            xid::EVENT => {
                let event: WatcherEvent = decoder.read().map_err(lost)?;
                self.watches.dispatch(&event);
                Ok(())
            }
            xid::PING => {
                self.backoff.worked();
                Ok(())
            }
            xid::AUTH if header.err == 0 => Ok(()),
            xid::AUTH => Err(Stop::Ended(Ended::AuthFailed)),
            xid::SET_WATCHES => self.armed(connection, header.err),
            xid => self.reply(connection, xid, header.err, decoder.into_rest()),
        }
    }

    fn armed(&mut self, connection: &mut Connection, err: i32) -> Result<(), Stop> {
        if let Some(code) = ErrorCode::from_wire(err) {
            return Err(lost(ConnectError::NotArmed(code)));
        }
        connection.arming = connection.arming.saturating_sub(1);
        if connection.arming == 0 {
            self.watches.resync();
        }
        Ok(())
    }

    /// Fails a request whose reply is above the limit: sent again, it would get the same reply.
    fn too_long(
        &mut self,
        connection: &mut Connection,
        xid: i32,
        length: usize,
    ) -> Result<(), Stop> {
        let max = self.config.reply_len_max;
        // Any other stays in flight: nobody knows what becomes of it.
        let is_next = |next: &mut InFlight| next.xid == xid;
        let Some(answered) = connection.in_flight.pop_front_if(is_next) else {
            return Err(lost(ConnectError::OutOfOrder));
        };
        if let Some(mut call) = answered.call {
            if let Some(watch) = call.watch.take() {
                self.watches.unanswered(&watch.path);
            }
            call.finish(Err(Unknown::TooLong { length, max }.into()));
        }
        Ok(())
    }

    fn reply(
        &mut self,
        connection: &mut Connection,
        xid: i32,
        err: i32,
        body: Bytes,
    ) -> Result<(), Stop> {
        // Any other stays in flight: nobody knows what becomes of it.
        let is_next = |next: &mut InFlight| next.xid == xid;
        let Some(answered) = connection.in_flight.pop_front_if(is_next) else {
            return Err(lost(ConnectError::OutOfOrder));
        };
        if answered.is_close {
            return Err(Stop::Ended(Ended::Closed));
        }
        self.backoff.worked();
        if err == 0 && answered.proof.is_some() {
            connection.proven_at = answered.proof;
        }
        let Some(mut call) = answered.call else {
            return Ok(());
        };
        if let Some(watch) = call.watch.take() {
            self.watches.answered(watch, ErrorCode::from_wire(err));
        }
        call.finish(result_of(err, body));
        Ok(())
    }

    /// Removes the watches that nobody holds any more.
    fn unwatch(&mut self, connection: &mut Connection) {
        for path in self.watches.take_unwatched() {
            let kind = WatcherType::Any;
            connection.send_own(OpCode::RemoveWatches, &RemoveWatchesRequest { path, kind });
        }
    }

    /// Settles what was sent and not answered: reads go out again, of writes nobody knows.
    fn unsettled(&mut self, connection: Connection) {
        self.watches.disconnected();
        self.session.next_xid = connection.next_xid;
        for call in connection
            .in_flight
            .into_iter()
            .filter_map(|sent| sent.call)
        {
            if call.is_repeatable {
                self.repeat.push_back(call);
            } else {
                call.finish(Err(Unknown::ConnectionLost.into()));
            }
        }
    }
}

fn lost(error: impl Into<ConnectError>) -> Stop {
    Stop::Lost(error.into())
}
