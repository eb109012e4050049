"""What waits for the broker: the newest of what replaces itself, and every event up to a limit."""

from digitcam.outputs.mqtt.outbox import LONGEST, Message, Outbox


def message(text: str, topic: str = "state") -> Message:
    return Message(topic, text.encode())


def sent(outbox: Outbox) -> list[str]:
    """Everything that goes to a broker that takes it."""
    texts = []
    while taken := outbox.take():
        texts.append(taken.payload.decode())
        outbox.arrived()
    return texts


def test_only_the_newest_of_a_topic_is_sent() -> None:
    outbox = Outbox()
    for text in ("1", "2", "3"):
        outbox.replace(message(text))
    outbox.replace(message("other", "health"))
    assert sent(outbox) == ["3", "other"]
    assert outbox.empty


def test_events_are_all_sent_in_order() -> None:
    outbox = Outbox()
    for text in ("1", "2", "3"):
        outbox.add(message(text, "event"))
    assert sent(outbox) == ["1", "2", "3"]


def test_one_is_in_flight_and_the_next_waits_for_it() -> None:
    outbox = Outbox()
    outbox.replace(message("1"))
    outbox.add(message("2", "event"))
    assert outbox.take() == message("1")
    assert outbox.take() is None
    assert not outbox.empty
    outbox.arrived()
    assert outbox.take() == message("2", "event")


def test_what_was_lost_in_flight_goes_again_first() -> None:
    outbox = Outbox()
    for text in ("1", "2"):
        outbox.add(message(text, "event"))
    outbox.take()
    outbox.lost()
    assert sent(outbox) == ["1", "2"]


def test_what_was_lost_in_flight_does_not_replace_what_is_newer() -> None:
    outbox = Outbox()
    outbox.replace(message("old"))
    outbox.take()
    outbox.replace(message("new"))
    outbox.lost()
    assert sent(outbox) == ["new"]


def test_the_oldest_events_go_when_there_are_too_many_and_are_counted() -> None:
    outbox = Outbox()
    for number in range(LONGEST + 3):
        outbox.add(message(str(number), "event"))
    assert outbox.dropped == 3
    assert sent(outbox) == [str(number) for number in range(3, LONGEST + 3)]


def test_an_event_that_was_lost_in_flight_counts_for_the_limit() -> None:
    outbox = Outbox()
    outbox.add(message("first", "event"))
    outbox.take()
    for number in range(LONGEST):
        outbox.add(message(str(number), "event"))
    outbox.lost()
    assert outbox.dropped == 1
    assert sent(outbox)[0] == "0"


def test_nothing_lost_is_nothing_to_send() -> None:
    outbox = Outbox()
    outbox.lost()
    assert outbox.take() is None
    assert outbox.empty
