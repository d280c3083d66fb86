"""Read the committees that ceremonies formed: public keys and signed steps, which every participant may check."""

from protocol.messages import ceremonies as messages
from protocol.problems import Problem, Refusal
from registry.store.transactions import Transaction
from registry.usecases.ceremonies.keep import ceremony_message, kept_ceremony_message
from registry.usecases.context import Registry


def read_ceremonies(registry: Registry) -> messages.Ceremonies:
    """Read the committees of all epochs, oldest first, without their transcripts; of more than 1,000 the newest."""
    kept = registry.store.read(lambda tx: tx.ceremonies.newest())
    return messages.Ceremonies(ceremonies=tuple(map(ceremony_message, kept)))


def read_ceremony(registry: Registry, epoch: int, committee: int) -> messages.KeptCeremony:
    """Read one committee with its transcript and its opened entry; raises Refusal NOT_FOUND."""

    def work(tx: Transaction) -> messages.KeptCeremony:
        kept = tx.ceremonies.find(epoch, committee)
        if kept is None:
            raise Refusal(Problem.NOT_FOUND)
        entry_id = kept.log_entry_id.bytes
        core, core_salt = tx.openings.cores([entry_id])[entry_id]
        return kept_ceremony_message(kept, core, core_salt)

    return registry.store.read(work)
