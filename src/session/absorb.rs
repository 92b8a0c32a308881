//! What the workers answer → a changed session. A reply to an older question is dropped.

use std::sync::Arc;

use super::{Keymap, Notice, OpenLog, Session, Tab, View};
use crate::event::{Scope, StreamId, Time};
use crate::limits::STREAMS_PAGE;
use crate::log::{LogInfo, StreamInfo, StreamPage};
use crate::protocol::{Generation, RecentLog, Reply, Request, StateAt, Ticket};

/// Samples between two counts of a growing log: two seconds.
const OVERVIEW_SAMPLES: u64 = 8;

impl Session {
    /// Takes one reply in.
    #[expect(clippy::too_many_lines, reason = "one arm a reply")]
    pub fn absorb(&mut self, reply: Reply) {
        match reply {
            Reply::Opened { generation, info, demo, time } => self.absorb_opened(generation, &info, demo, time),
            Reply::Hint { generation, text, stream, position } => {
                self.absorb_hint(generation, Notice { text, failure: false, place: Some((stream, position)) });
            }
            Reply::OpenFailed { generation, locator, message } => {
                if generation == self.generation {
                    self.opening = None;
                    self.recent.retain(|recent| recent.locator != locator || !message.contains("no such file"));
                    if self.view == View::Welcome {
                        self.open_error = Some(message);
                    } else {
                        self.complain(message);
                        // The log that was open goes on; what was under way for it may have been given up.
                        self.events.forget_asked();
                        self.move_cursor(self.cursor);
                    }
                }
            }
            Reply::Overview { generation, totals, categories, elapsed_ms } => {
                if self.is_of_this_log(generation) {
                    let events = totals.events;
                    // At most a twentieth of the time goes into counting.
                    self.overview_due = OVERVIEW_SAMPLES.max(elapsed_ms * 20 / crate::limits::SAMPLE_MS);
                    self.streams.absorb_categories(categories);
                    if let Some(log) = &mut self.log {
                        log.totals = Some(totals);
                    }
                    self.note_recent_events(events);
                    self.refresh_open_categories();
                    self.open_kept_categories();
                }
            }
            Reply::Streams { generation, page, streams } => {
                if self.is_of_this_log(generation) && !self.absorb_palette_streams(&page, &streams) {
                    self.absorb_streams(&page, streams);
                }
            }
            Reply::Extent { generation, scope, events, as_of } => {
                if generation == self.generation && scope == self.scope {
                    self.absorb_extent(events, as_of);
                }
            }
            Reply::Located { generation, scope, position } => {
                if generation == self.generation && scope == self.scope {
                    self.remember_visit();
                    self.following = false;
                    self.play.direction = 0;
                    self.move_cursor(position);
                }
            }
            Reply::Density { generation, scope, span, density } => {
                if generation == self.generation && scope == self.scope {
                    self.absorb_density(span, density);
                }
            }
            Reply::Rows { generation, scope, first, rows } => {
                if generation == self.generation && scope == self.scope {
                    self.events.absorb_rows(first, rows);
                    self.ask_rows();
                }
            }
            reply @ Reply::Changes { .. } => self.absorb_changes(reply),
            Reply::Detail { generation, scope, detail } => {
                if generation == self.generation {
                    self.absorb_preview(&scope, &detail);
                }
                if generation == self.generation && scope == self.scope && self.detail_row() == Some(detail.row) {
                    self.absorb_edited(&detail);
                    self.detail = Some(detail);
                }
            }
            Reply::Traced { generation, trace } => {
                if generation == self.generation {
                    self.absorb_trace(&trace);
                }
            }
            Reply::State { generation, ticket, state } => self.absorb_state(generation, ticket, &state),
            Reply::Diff { generation, diff } => {
                if generation == self.generation && self.is_of_reducer(&diff.reducer) {
                    self.diff.shown = Some(diff);
                }
            }
            Reply::Blame { generation, blame } => {
                if generation == self.generation && self.is_of_reducer(&blame.reducer) {
                    self.blame.shown = Some(blame);
                    self.blame.selected = None;
                }
            }
            Reply::SnapshotTaken { generation, snapshot, stored_in } => {
                if self.is_of_this_log(generation) {
                    let version = snapshot.version;
                    self.say(format!("Snapshot of {} at version {version} kept in {stored_in}", snapshot.stream));
                    self.request(Request::Snapshots { generation: self.generation, stream: snapshot.stream });
                }
            }
            Reply::Snapshots { generation, stream, snapshots } => {
                if generation == self.generation && self.stream_on_show() == Some(&stream) {
                    self.snapshots = Some((stream, snapshots));
                }
            }
            Reply::Grew { generation } => {
                if self.is_of_this_log(generation) {
                    self.request(Request::Extent {
                        generation: self.generation,
                        scope: self.scope.clone(),
                        as_of: self.instant.clone().filter(|_| self.events.extent.is_none()),
                    });
                }
            }
            Reply::Mappable { generation, locator } => {
                if generation == self.generation {
                    self.mappable = Some(locator);
                }
            }
            Reply::Surveyed { generation, survey } => {
                if generation == self.generation {
                    self.absorb_survey(survey);
                }
            }
            Reply::MappingChecked { generation, preview } => {
                if generation == self.generation {
                    self.absorb_mapping_checked(preview);
                }
            }
            Reply::MappingSaved { generation, locator, file } => {
                if generation == self.generation {
                    self.absorb_mapping_saved(&locator, &file);
                }
            }
            Reply::Searched { generation, part } => {
                if self.is_of_this_log(generation) {
                    self.absorb_searched(part);
                }
            }
            Reply::Found { generation, part } => {
                if self.is_of_this_log(generation) {
                    self.absorb_found(part);
                }
            }
            Reply::Running { generation, word } => {
                if self.is_of_this_log(generation) {
                    self.absorb_running(word);
                }
            }
            Reply::RunEnded { generation, end } => {
                if self.is_of_this_log(generation) {
                    self.absorb_run_ended(end);
                }
            }
            Reply::ReducerText { generation, text } => {
                if self.is_of_this_log(generation) {
                    self.absorb_reducer_text(&text);
                }
            }
            Reply::ReducerSaved { generation, text } => {
                if self.is_of_this_log(generation) {
                    self.absorb_reducer_saved(&text);
                }
            }
            Reply::Trial { generation, trial } => {
                if self.is_of_this_log(generation) {
                    self.absorb_trial(trial);
                }
            }
            Reply::Audit { generation, audit } => {
                if self.is_of_this_log(generation) {
                    self.absorb_audit(audit);
                }
            }
            Reply::Sandbox { generation, sandbox } => {
                if self.is_of_this_log(generation) {
                    self.absorb_sandbox(sandbox);
                }
            }
            Reply::Pins { generation, pins } => {
                if generation == self.generation && self.is_of_reducer(&pins.reducer) {
                    self.pins.shown = Some(pins);
                }
            }
            Reply::Reducers { generation, reducers } => self.absorb_reducers(generation, reducers),
            Reply::PickedReducer(picked) => self.absorb_picked_reducer(picked),
            Reply::Sample { generation, sample } => self.absorb_sample(generation, sample),
            Reply::Replaced { generation } => {
                if self.is_of_this_log(generation) {
                    self.complain("The log was replaced, truncated or restored: it was read anew");
                    self.reread();
                }
            }
            Reply::Settings(settings) => {
                self.theme = settings.theme;
                self.keys = Keymap::kept(&settings.keys);
                self.take_preferences(settings.preferences);
                self.recent = settings.recent;
            }
            Reply::Bookmarks { generation, bookmarks } => {
                if self.is_of_this_log(generation) {
                    self.absorb_bookmarks(bookmarks);
                }
            }
            Reply::View { generation, view } => self.absorb_view(generation, view),
            Reply::Cache(info) => self.absorb_cache(info),
            Reply::Picked(path) => {
                if let Some(path) = path {
                    self.apply(super::Action::Open(path));
                }
            }
            Reply::Failed { generation, message } => {
                if generation == Generation::NONE && self.view == View::Welcome {
                    self.open_error = Some(message);
                } else if generation == Generation::NONE || self.is_of_this_log(generation) {
                    self.complain(message);
                }
            }
            Reply::WorkerEnded { worker, message } => {
                self.complain(format!("The {worker} worker ended: {message}. Close the log and open it again"));
            }
        }
    }

    fn absorb_opened(&mut self, generation: Generation, info: &Arc<LogInfo>, demo: bool, time: Time) {
        if generation != self.generation {
            return;
        }
        let early_hint = self.early_hint.take();
        let early_reducers = self.reducer.early.take().filter(|(of, _)| *of == generation);
        let fresh = Self {
            log_generation: generation,
            view: if self.view == View::Throughput { View::Throughput } else { View::Replay },
            events: super::EventsPane::with_room(self.events.rows_shown),
            log: Some(OpenLog { info: Arc::clone(info), totals: None, demo }),
            ..self.fresh()
        };
        *self = fresh;
        if !demo {
            self.remember_log(RecentLog {
                locator: info.locator.clone(),
                layout: info.layout_title.clone(),
                events: 0,
                bytes: info.bytes_total,
                opened_us: time.0,
            });
        }
        if let Some((_, hint)) = early_hint.filter(|(of, _)| *of == generation) {
            self.notice(hint);
        }
        if let Some((_, info)) = early_reducers {
            self.reducer.info = Some(info);
        }
        self.choose_scope(Scope::Log);
        self.request(Request::Overview { generation: self.generation });
        if let Some(locator) = self.locator().filter(|_| !demo) {
            self.request(Request::LoadBookmarks { generation: self.generation, locator });
            self.ask_view();
        }
    }

    /// A hint may come before its log is open.
    fn absorb_hint(&mut self, generation: Generation, hint: Notice) {
        if self.log.is_some() && generation == self.log_generation {
            self.notice(hint);
        } else if generation == self.generation {
            self.early_hint = Some((generation, hint));
        }
    }

    fn note_recent_events(&mut self, events: u64) {
        let Some(locator) = self.log.as_ref().map(|log| log.info.locator.clone()) else { return };
        let mut changed = false;
        for recent in self.recent.iter_mut().filter(|recent| recent.locator == locator) {
            changed |= recent.events != events;
            recent.events = events;
        }
        if changed {
            let settings = self.settings();
            self.request(Request::SaveSettings(settings));
        }
    }

    fn absorb_streams(&mut self, page: &StreamPage, streams: Vec<StreamInfo>) {
        let complete = streams.len() < page.limit as usize;
        if let Some(name) = &page.category {
            if let Some(category) = self.streams.category_mut(name) {
                category.loading = false;
                if page.after.is_none() {
                    category.streams = streams;
                    category.complete = complete;
                } else if category.streams.last().map(|stream| &stream.stream) == page.after.as_ref() {
                    category.streams.extend(streams);
                    category.complete = complete;
                }
            }
        } else if page.contains.as_deref() == Some(self.streams.filter.as_str())
            && let Some(found) = &mut self.streams.found
        {
            found.loading = false;
            if found.streams.last().map(|stream| &stream.stream) == page.after.as_ref() {
                found.streams.extend(streams);
                found.complete = complete;
            }
        }
    }

    fn absorb_extent(&mut self, events: u64, as_of: Option<u64>) {
        let first_time = self.events.extent.is_none();
        if self.events.extent.is_some_and(|old| events < old) {
            self.events.forget_pages();
        }
        self.events.absorb_extent(events);
        if first_time {
            match (self.landing.take(), as_of) {
                (Some(landing), _) => self.move_cursor(landing),
                // The same instant, seen from here: where the person put the cursor stays what it was.
                (None, Some(position)) => {
                    let instant = self.instant.take();
                    self.move_cursor(position);
                    self.instant = instant;
                }
                (None, None) => self.move_cursor(events),
            }
        } else if self.cursor > events || (self.following && self.cursor != events) {
            self.move_cursor(events);
        }
        self.ask_rows();
    }

    fn absorb_state(&mut self, generation: Generation, ticket: Ticket, state: &Arc<StateAt>) {
        if generation != self.generation || ticket > self.ticket || state.scope != self.scope {
            return;
        }
        let older = self.shown_ticket.is_some_and(|shown| ticket < shown);
        if older {
            return;
        }
        self.shown_ticket = Some(ticket);
        let stream_before = self.stream_on_show().cloned();
        let before = self.state.shown.clone();
        self.state.absorb(Arc::clone(state));
        self.note_reducer(before.as_deref(), state);
        self.ask_diff();
        self.ask_blame();
        self.ask_pins();
        self.ask_sandbox();
        self.ask_trial();
        if self.tab == Tab::Snapshots && self.stream_on_show() != stream_before.as_ref() {
            self.ask_snapshots();
        }
    }

    fn absorb_sample(&mut self, generation: Generation, sample: crate::protocol::Sample) {
        if !self.is_of_this_log(generation) {
            return;
        }
        if let Some(totals) = self.log.as_mut().and_then(|log| log.totals.as_mut()) {
            totals.events = sample.events_total.max(totals.events);
        }
        let grew = sample.events > 0;
        self.live.absorb(sample);
        self.overview_stale |= grew;
        if self.overview_due > 0 {
            self.overview_due -= 1;
        } else if self.overview_stale && self.log.as_ref().is_some_and(|log| log.totals.is_some()) {
            self.overview_stale = false;
            // Asked for once; the answer sets the next time.
            self.overview_due = u64::MAX;
            self.request(Request::Overview { generation: self.generation });
        }
    }

    /// The streams on show have grown with their categories.
    fn refresh_open_categories(&mut self) {
        let grown: Vec<(String, u32)> = (self.streams.categories.iter())
            .filter(|category| category.open && !category.loading && category.listed_events != category.info.events)
            .map(|category| {
                let limit =
                    u32::try_from(category.streams.len()).unwrap_or(u32::MAX).clamp(STREAMS_PAGE, STREAMS_PAGE * 10);
                (category.info.category.to_string(), limit)
            })
            .collect();
        for (name, limit) in grown {
            if let Some(category) = self.streams.category_mut(&name) {
                category.listed_events = category.info.events;
            }
            let page = StreamPage { category: Some(name), contains: None, after: None, limit };
            self.request(Request::Streams { generation: self.generation, page });
        }
    }

    /// True where a reply belongs to the open log, whatever scope is looked at by now.
    pub(super) fn is_of_this_log(&self, generation: Generation) -> bool {
        self.log.is_some() && generation >= self.log_generation && generation <= self.generation
    }

    /// Reads everything anew: the log is another one than before.
    fn reread(&mut self) {
        let scope = self.scope.clone();
        self.events.extent = None;
        self.streams.categories.clear();
        self.forget_search();
        self.streams.found = None;
        self.choose_scope(scope);
        self.request(Request::Overview { generation: self.generation });
    }

    /// True where this stream is the scope.
    #[must_use]
    pub fn is_chosen(&self, stream: &StreamId) -> bool {
        self.scope.stream() == Some(stream)
    }
}
