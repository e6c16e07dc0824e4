//! The queues in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{SignedDuration, TenantId, Timestamp};

use super::{Memory, Random, State};
use crate::queue::{QueueError, RawQueues, Received};

/// How a queue behaves, in SQS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// VisibilityTimeout: how long a received message is hidden unless it is deleted.
    pub visibility: SignedDuration,
    /// maxReceiveCount: how often a message is received before it goes to the dead letters.
    pub max_receive: u32,
    /// The queue of dead letters. None: a message goes round until it is deleted.
    pub dead_letter: Option<String>,
    /// DelaySeconds: how long every message waits before its first delivery, unless it was sent with its own delay.
    pub delay: SignedDuration,
}

impl Default for QueueSettings {
    /// 30 s of visibility, 5 deliveries, no dead letters, no delay.
    fn default() -> Self {
        Self {
            visibility: SignedDuration::from_secs(30),
            max_receive: 5,
            dead_letter: None,
            delay: SignedDuration::ZERO,
        }
    }
}

pub(super) type QueueMap = BTreeMap<String, QueueState>;

#[derive(Clone, Default)]
pub(super) struct QueueState {
    settings: QueueSettings,
    messages: Vec<Message>,
}

#[derive(Clone)]
struct Message {
    id: String,
    body: String,
    sent_at: Timestamp,
    visible_at: Timestamp,
    receive_count: u32,
    /// Of the last delivery, until it is known to have failed.
    receipt: Option<String>,
}

impl Memory {
    /// Makes a queue, or changes the settings of one.
    pub fn declare_queue(&self, name: &str, settings: QueueSettings) {
        self.state().queues.entry(name.to_owned()).or_default().settings = settings;
    }

    /// Sends any text to a queue, as another program could. `delay` None: the queue's own.
    pub fn send_text(&self, queue: &str, body: &str, delay: Option<SignedDuration>) -> Result<(), QueueError> {
        let (now, mut state) = (self.now(), self.state());
        let State { random, queues, .. } = &mut *state;
        let it = queues.get_mut(queue).ok_or_else(|| QueueError::NoQueue(queue.to_owned()))?;
        if !body.chars().all(is_carried) {
            return Err(QueueError::BadText(queue.to_owned()));
        }
        it.messages.push(Message {
            id: uuid(random),
            body: body.to_owned(),
            sent_at: now,
            visible_at: later(now, delay.unwrap_or(it.settings.delay)),
            receive_count: 0,
            receipt: None,
        });
        Ok(())
    }

    /// Takes at most `max` visible messages, in an order of the seed's choosing, and hides them. An unknown queue is empty.
    pub fn receive(&self, queue: &str, max: usize) -> Vec<Received> {
        let (now, mut state) = (self.now(), self.state());
        redrive(&mut state.queues, now);
        let State { random, queues, .. } = &mut *state;
        let Some(it) = queues.get_mut(queue) else { return Vec::new() };
        let is_visible = |message: &Message| message.visible_at <= now;
        let mut visible: Vec<usize> = (0..it.messages.len()).filter(|at| is_visible(&it.messages[*at])).collect();
        let mut received = Vec::new();
        while received.len() < max && !visible.is_empty() {
            let message = &mut it.messages[visible.swap_remove(random.below(visible.len()))];
            let receipt = uuid(random);
            message.receive_count += 1;
            message.visible_at = later(now, it.settings.visibility);
            message.receipt = Some(receipt.clone());
            received.push(message.as_received(receipt));
        }
        received
    }

    /// Deletes a message by the receipt of its last delivery. Any other receipt does nothing.
    pub fn delete_message(&self, queue: &str, receipt: &str) {
        if let Some(it) = self.state().queues.get_mut(queue) {
            it.messages.retain(|message| message.receipt.as_deref() != Some(receipt));
        }
    }

    /// Makes a received message visible again at once.
    pub fn release(&self, queue: &str, receipt: &str) {
        self.hide_message(queue, receipt, SignedDuration::ZERO);
    }

    /// Hides a received message for `timeout` from now. Does nothing to one that is no longer hidden.
    pub fn hide_message(&self, queue: &str, receipt: &str, timeout: SignedDuration) {
        let (now, mut state) = (self.now(), self.state());
        let Some(it) = state.queues.get_mut(queue) else { return };
        let in_flight =
            |message: &&mut Message| message.receipt.as_deref() == Some(receipt) && message.visible_at > now;
        if let Some(message) = it.messages.iter_mut().find(in_flight) {
            message.visible_at = later(now, timeout);
        }
    }

    /// How many messages of a queue are visible, in flight and delayed. SQS gives these approximately.
    pub fn depth(&self, queue: &str) -> (usize, usize, usize) {
        let (now, mut state) = (self.now(), self.state());
        redrive(&mut state.queues, now);
        let messages = state.queues.get(queue).map_or(&[][..], |it| &it.messages);
        let visible = messages.iter().filter(|message| message.visible_at <= now).count();
        let delayed = messages.iter().filter(|message| message.visible_at > now && message.receipt.is_none()).count();
        (visible, messages.len() - visible - delayed, delayed)
    }

    /// All messages of a queue, hidden and delayed ones too, in the order they came, with their last receipts.
    pub fn messages(&self, queue: &str) -> Vec<Received> {
        let (now, mut state) = (self.now(), self.state());
        redrive(&mut state.queues, now);
        let messages = state.queues.get(queue).map_or(&[][..], |it| &it.messages);
        messages.iter().map(|message| message.as_received(message.receipt.clone().unwrap_or_default())).collect()
    }
}

impl Message {
    fn as_received(&self, receipt: String) -> Received {
        let Self { id, body, sent_at, receive_count, .. } = self;
        Received { id: id.clone(), receipt, body: body.clone(), receive_count: *receive_count, sent_at: *sent_at }
    }
}

/// Moves what was received too often, and is visible again, to its dead letters. SQS does it on the next receive.
fn redrive(queues: &mut QueueMap, now: Timestamp) {
    let mut dead: Vec<(String, Message)> = Vec::new();
    for it in queues.values_mut() {
        let Some(target) = it.settings.dead_letter.clone() else { continue };
        let max_receive = it.settings.max_receive;
        let is_dead = |message: &mut Message| message.receive_count >= max_receive && message.visible_at <= now;
        dead.extend(it.messages.extract_if(.., is_dead).map(|message| (target.clone(), message)));
    }
    for (target, message) in dead {
        let message = Message { receive_count: 0, receipt: None, visible_at: now, ..message };
        queues.entry(target).or_default().messages.push(message);
    }
}

/// The characters that SQS carries: those of XML 1.0.
const fn is_carried(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

fn uuid(random: &mut Random) -> String {
    let bits = (u128::from(random.next()) << 64) | u128::from(random.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).expect("adding a signed duration saturates")
}

#[async_trait]
impl RawQueues for Memory {
    async fn send(
        &self,
        queue: &str,
        body: String,
        _: &TenantId,
        delay: Option<SignedDuration>,
    ) -> Result<(), QueueError> {
        self.answer(|it| it.send_text(queue, &body, delay)).await
    }

    async fn receive(&self, queue: &str, max: usize) -> Result<Vec<Received>, QueueError> {
        self.answer(|it| Ok(Self::receive(it, queue, max))).await
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), QueueError> {
        self.answer(|it| it.delete_message(queue, receipt)).await;
        Ok(())
    }

    async fn hide(&self, queue: &str, receipt: &str, timeout: SignedDuration) -> Result<(), QueueError> {
        self.answer(|it| it.hide_message(queue, receipt, timeout)).await;
        Ok(())
    }
}
