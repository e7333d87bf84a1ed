use super::{
    Control, Order, Stop, Task,
    connection::{Connection, Progress},
};
use crate::{
    call::{Call, Watch, WatchKind, result_of},
    connect_string::Host,
    error::Unknown,
    session::keepalive::Due,
    state::{ConnectError, Ended},
};
use bytes::Bytes;
use dockeeper_zk_proto::{
    Decoder, ErrorCode, OpCode, Record,
    header::{ReplyHeader, xid},
    watch::{RemoveWatchesRequest, WatcherEvent, WatcherType},
};
use tokio::time::{self, Instant};

/// How many requests are taken at once before the socket is looked at again.
const BATCH_MAX: usize = 128;

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
        while let Some(call) = self.repeat.pop_front() {
            self.send(&mut connection, call);
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
        let due_at = connection.keepalive.next();
        let has_room = connection.has_room(self.config.in_flight_max);
        tokio::select! {
            biased;
            control = self.channels.controls.recv() => self.order(connection, control),
            progress = connection.progress() => match progress {
                Ok(Progress::Received) => self.receive(connection),
                Ok(Progress::Sent) => Ok(()),
                Err(error) => Err(Stop::Lost(error)),
            },
            call = self.channels.calls.recv(), if has_room => match call {
                Some(call) => {
                    self.send_batch(connection, call);
                    Ok(())
                }
                None => Err(Stop::Ended(Ended::Detached)),
            },
            () = self.channels.dropped.notified() => {
                self.unwatch(connection);
                Ok(())
            },
            () = time::sleep_until(due_at) => keep_alive(connection),
        }
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
                self.config.credentials.push(credentials);
                Ok(())
            }
        }
    }

    fn send_batch(&mut self, connection: &mut Connection, first: Call) {
        self.send(connection, first);
        for _ in 1..BATCH_MAX {
            if !connection.has_room(self.config.in_flight_max) {
                break;
            }
            match self.channels.calls.try_recv() {
                Ok(call) => self.send(connection, call),
                Err(_) => break,
            }
        }
    }

    fn send(&mut self, connection: &mut Connection, mut call: Call) {
        if !call.claim() {
            return;
        }
        match &call.watch {
            Some(Watch {
                path,
                kind: WatchKind::Persistent(mode, mailbox),
            }) => {
                if self.watches.hold(path, *mode, mailbox.clone()) {
                    call.widen_watch_mode();
                }
            }
            Some(Watch { path, .. }) if self.watches.covers(path) => call.clear_watch_flag(),
            Some(_) | None => {}
        }
        connection.send(call);
    }

    /// Takes everything that has come.
    fn receive(&mut self, connection: &mut Connection) -> Result<(), Stop> {
        connection.keepalive.received(Instant::now());
        while let Some(frame) = connection.take_frame().map_err(lost)? {
            self.frame(connection, &frame)?;
        }
        Ok(())
    }

    fn frame(&mut self, connection: &mut Connection, frame: &Bytes) -> Result<(), Stop> {
        let mut decoder = Decoder::new(frame.clone());
        let header: ReplyHeader = decoder.read().map_err(lost)?;
        self.session.last_zxid = self.session.last_zxid.max(header.zxid);
        let body = frame.slice(ReplyHeader::LEN_MIN..);
        match header.xid {
            xid::EVENT => {
                let event: WatcherEvent = decoder.read().map_err(lost)?;
                self.watches.dispatch(&event);
                Ok(())
            }
            xid::PING => Ok(()),
            xid::AUTH if header.err == 0 => Ok(()),
            xid::AUTH => Err(Stop::Ended(Ended::AuthFailed)),
            xid::SET_WATCHES => {
                connection.arming = connection.arming.saturating_sub(1);
                if connection.arming == 0 {
                    self.watches.resync();
                }
                Ok(())
            }
            xid => self.reply(connection, xid, header.err, body),
        }
    }

    fn reply(
        &mut self,
        connection: &mut Connection,
        xid: i32,
        err: i32,
        body: Bytes,
    ) -> Result<(), Stop> {
        let answered = connection.in_flight.pop_front();
        let Some(answered) = answered.filter(|answered| answered.xid == xid) else {
            return Err(lost(ConnectError::OutOfOrder));
        };
        if answered.is_close {
            return Err(Stop::Ended(Ended::Closed));
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
        for path in self.watches.prune() {
            let kind = WatcherType::Any;
            connection.send_own(OpCode::RemoveWatches, &RemoveWatchesRequest { path, kind });
        }
    }

    /// Settles what was sent and not answered: reads go out again, of writes nobody knows.
    fn unsettled(&mut self, connection: Connection) {
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

fn keep_alive(connection: &mut Connection) -> Result<(), Stop> {
    match connection.keepalive.due(Instant::now()) {
        Due::Nothing => Ok(()),
        Due::Ping => {
            connection.ping();
            Ok(())
        }
        Due::Dead => Err(lost(std::io::Error::from(std::io::ErrorKind::TimedOut))),
    }
}

fn lost(error: impl Into<ConnectError>) -> Stop {
    Stop::Lost(error.into())
}
